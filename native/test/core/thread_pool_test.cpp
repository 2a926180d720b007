#include "core/thread_pool.h"

#if defined(__linux__)
#include <sys/resource.h>
#endif

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "test/check.h"

namespace {

using namespace pixtok;

class CountingJob final : public core::Job {
 public:
  CountingJob(std::size_t items, std::chrono::microseconds pause)
      : Job(items), runs_(items), pause_(pause) {}

  std::future<void> finished() { return finished_.get_future(); }
  int runs(std::size_t item) const { return runs_[item]; }
  int total_runs() const { return total_runs_; }
  int total_skips() const { return total_skips_; }

 protected:
  void run(std::size_t item, std::size_t) noexcept override {
    ++runs_[item];
    ++total_runs_;
    if (pause_.count() > 0) std::this_thread::sleep_for(pause_);
  }
  void skip(std::size_t) noexcept override { ++total_skips_; }
  void finish() noexcept override { finished_.set_value(); }

 private:
  std::vector<std::atomic<int>> runs_;
  std::atomic<int> total_runs_{0};
  std::atomic<int> total_skips_{0};
  std::chrono::microseconds pause_;
  std::promise<void> finished_;
};

TEST("every item of every job runs exactly once") {
  core::ThreadPool pool(4);
  std::vector<std::shared_ptr<CountingJob>> jobs;
  std::vector<std::future<void>> finished;
  for (std::size_t i = 0; i < 50; ++i) {
    jobs.push_back(std::make_shared<CountingJob>(1 + i * 7 % 40, std::chrono::microseconds(0)));
    finished.push_back(jobs.back()->finished());
    pool.submit(jobs.back());
  }
  for (std::future<void>& one : finished) one.wait();
  for (const auto& job : jobs) {
    for (std::size_t item = 0; item < job->items(); ++item) CHECK(job->runs(item) == 1);
  }
}

// Each of its items waits for all others.
class MeetingJob final : public core::Job {
 public:
  explicit MeetingJob(std::size_t items) : Job(items) {}

  std::future<bool> met() { return met_.get_future(); }

 protected:
  void run(std::size_t, std::size_t) noexcept override {
    std::unique_lock<std::mutex> lock(mutex_);
    there_ += 1;
    changed_.notify_all();
    const auto all_are = [this] { return there_ == items(); };
    if (!changed_.wait_for(lock, std::chrono::seconds(60), all_are)) missed_ = true;
  }
  void skip(std::size_t) noexcept override {}
  void finish() noexcept override { met_.set_value(!missed_); }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t there_ = 0;
  bool missed_ = false;
  std::promise<bool> met_;
};

TEST("as many items as there are threads run at once, also where all threads were idle before") {
  core::ThreadPool pool(4);
  CHECK(pool.size() == 4);
  for (int time = 0; time < 3; ++time) {
    const auto job = std::make_shared<MeetingJob>(4);
    std::future<bool> met = job->met();
    pool.submit(job);
    CHECK(met.get());
  }
}

TEST("a cancelled job finishes with the rest of its items skipped") {
  core::ThreadPool pool(2);
  auto job = std::make_shared<CountingJob>(1000, std::chrono::microseconds(500));
  std::future<void> finished = job->finished();
  pool.submit(job);
  job->cancel();
  finished.wait();
  CHECK(job->total_runs() + job->total_skips() == 1000);
  CHECK(job->total_skips() > 0);
}

// Waits until it is let go, and notes its name.
class NamedJob final : public core::Job {
 public:
  NamedJob(char name, std::string& order, std::shared_future<void> gate)
      : Job(1), name_(name), order_(order), gate_(std::move(gate)) {}

  std::future<void> finished() { return finished_.get_future(); }

 protected:
  void run(std::size_t, std::size_t) noexcept override {
    gate_.wait();
    order_ += name_;
  }
  void skip(std::size_t) noexcept override {}
  void finish() noexcept override { finished_.set_value(); }

 private:
  const char name_;
  std::string& order_;
  std::shared_future<void> gate_;
  std::promise<void> finished_;
};

TEST("a job whose turn is next starts before those that wait") {
  std::string order;  // of one thread
  std::promise<void> gate;
  core::ThreadPool pool(1);
  const auto job = [&, open = gate.get_future().share()](char name) {
    return std::make_shared<NamedJob>(name, order, open);
  };
  const auto last = job('c');
  std::future<void> finished = last->finished();
  pool.submit(job('a'));
  pool.submit(job('b'));
  pool.submit(last);
  pool.submit(job('n'), core::Turn::kNext);
  gate.set_value();
  finished.wait();
  CHECK(order == "nabc" || order == "anbc");  // the thread may have begun before
}

TEST("stopping the pool finishes every job that was submitted") {
  std::vector<std::future<void>> finished;
  std::vector<std::shared_ptr<CountingJob>> jobs;
  {
    core::ThreadPool pool(2);
    for (int i = 0; i < 10; ++i) {
      jobs.push_back(std::make_shared<CountingJob>(20, std::chrono::microseconds(200)));
      finished.push_back(jobs.back()->finished());
      pool.submit(jobs.back());
    }
    pool.stop();
    jobs.push_back(std::make_shared<CountingJob>(3, std::chrono::microseconds(0)));
    finished.push_back(jobs.back()->finished());
    pool.submit(jobs.back());
  }
  for (std::future<void>& one : finished) {
    CHECK(one.wait_for(std::chrono::seconds(0)) == std::future_status::ready);
  }
  CHECK(jobs.back()->total_skips() == 3);
}

TEST("stopping the pool starts nothing more of what is queued") {
  core::ThreadPool pool(1);
  std::vector<std::shared_ptr<CountingJob>> jobs;
  for (int i = 0; i < 3; ++i) {
    jobs.push_back(std::make_shared<CountingJob>(1000, std::chrono::milliseconds(1)));
    pool.submit(jobs.back());
  }
  pool.stop();
  CHECK(jobs[0]->total_skips() > 900);
  CHECK(jobs[1]->total_skips() == 1000 && jobs[2]->total_skips() == 1000);
}

#if defined(__linux__)
// Notes how nice the thread is that runs it.
class NicenessJob final : public core::Job {
 public:
  NicenessJob() : Job(1) {}
  std::future<int> niceness() { return niceness_.get_future(); }

 protected:
  void run(std::size_t, std::size_t) noexcept override {
    niceness_.set_value(::getpriority(PRIO_PROCESS, 0));
  }
  void skip(std::size_t) noexcept override {}
  void finish() noexcept override {}

 private:
  std::promise<int> niceness_;
};

TEST("the pool's threads let others go first, and those stay as they are") {
  const int before = ::getpriority(PRIO_PROCESS, 0);
  core::ThreadPool pool(1);
  const auto job = std::make_shared<NicenessJob>();
  pool.submit(job);
  CHECK(job->niceness().get() == std::min(19, before + 3));
  CHECK(::getpriority(PRIO_PROCESS, 0) == before);
}
#endif

}  // namespace
