#include "core/storage_threads.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdint>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/storage_clock.h"
#include "test/check.h"

namespace {

using namespace pixtok;
using core::StorageThreads;

constexpr std::int64_t kMillisecond = 1'000'000;

std::int64_t now() {
  const auto time = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
}

// Waits for all work that it makes, and counts how much of it is done at once.
class Counted {
 public:
  StorageThreads::Work work(int milliseconds) {
    return [this, milliseconds] {
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        most_ = std::max(most_, ++now_);
      }
      if (milliseconds > 0) std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
      const std::lock_guard<std::mutex> lock(mutex_);
      now_ -= 1;
      done_ += 1;
      changed_.notify_all();
    };
  }
  void wait_for(int done) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return done_ >= done; });
  }
  int most() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return most_;
  }
  int done() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return done_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int now_ = 0;
  int most_ = 0;
  int done_ = 0;
};

TEST("a clock of storage tells waiting from working") {
  if (!core::waits_of_this_thread()) return;
  std::int64_t least = INT64_MAX;  // this thread waits for nothing, in one of so many turns
  for (int turn = 0; turn < 100; ++turn) {
    const core::StorageClock working;
    const std::int64_t until = now() + 10'000;
    while (now() < until) {
    }
    least = std::min(least, working.nanoseconds());
  }
  CHECK(least == 0);
  const core::StorageClock waiting;
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  CHECK(waiting.nanoseconds() >= 2 * kMillisecond);
}

TEST("what is remembered is a mean of the last few values") {
  double mean = 0.0;
  core::remember(mean, 8.0);
  CHECK(mean == 1.0);
  for (int i = 0; i < 100; ++i) core::remember(mean, 5.0);
  CHECK(std::abs(mean - 5.0) < 1e-4);
}

TEST("storage that answers quickly has few threads") {
  Counted counted;
  StorageThreads threads({2, 8});
  for (int i = 0; i < 500; ++i) threads.submit(counted.work(0));
  counted.wait_for(500);
  // where no system tells waiting from working, a busy machine looks slow
  if (core::waits_of_this_thread()) CHECK(counted.most() <= 8);
  CHECK(threads.wanted_threads() == 2 || threads.wanted_threads() == 8);
}

TEST("storage that is slow is waited for by as many threads as there is work, up to the most") {
  for (const std::size_t most : {3, 8}) {
    Counted counted;
    StorageThreads threads({1, most});
    CHECK(threads.wanted_threads() == 1);
    for (int i = 0; i < 10; ++i) threads.submit(counted.work(5));
    counted.wait_for(10);
    CHECK(threads.wanted_threads() == most);
    // each waits for all others
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t begun = 0;
    std::size_t met = 0;
    const auto all_have = [&](std::size_t& count) {
      std::unique_lock<std::mutex> lock(mutex);
      count += 1;
      changed.notify_all();
      return changed.wait_for(lock, std::chrono::seconds(60), [&] { return count >= most; });
    };
    for (std::size_t i = 0; i < most; ++i) {
      threads.submit([&] {
        if (all_have(begun)) all_have(met);
      });
    }
    std::unique_lock<std::mutex> lock(mutex);
    CHECK(changed.wait_for(lock, std::chrono::seconds(60), [&] { return met == most; }));
    lock.unlock();
    threads.stop();
  }
}

TEST("slow storage has as many threads as quick storage at least") {
  Counted counted;
  StorageThreads threads({3, 1});
  threads.submit(counted.work(5));
  threads.submit(counted.work(5));
  counted.wait_for(2);
  threads.stop();
  CHECK(threads.wanted_threads() == 3);
}

TEST("what a piece of work waits is shared out among its reads") {
  for (const std::size_t reads : {1000, 1}) {
    Counted counted;
    StorageThreads threads({1, 8});
    for (int i = 0; i < 4; ++i) threads.submit(counted.work(20), reads);
    counted.wait_for(4);
    threads.stop();
    CHECK(threads.wanted_threads() == (reads == 1 ? 8U : 1U));
  }
}

TEST("work is begun in its order") {
  std::vector<int> order;
  std::promise<void> last;
  StorageThreads threads({1, 1});
  for (int i = 0; i < 50; ++i) {
    threads.submit([&, i] {
      order.push_back(i);
      if (i == 49) last.set_value();
    });
  }
  last.get_future().wait();
  for (int i = 0; i < 50; ++i) CHECK(order[static_cast<std::size_t>(i)] == i);
}

TEST("threads that are stopped end what they have begun and drop the rest") {
  Counted counted;
  StorageThreads threads({1, 1});
  std::promise<void> begun;
  threads.submit([&] {
    begun.set_value();
    // until what is submitted is dropped at once, as after stop()
    for (auto probe = std::make_shared<int>(0); probe.use_count() == 1;) {
      threads.submit([probe] {});
      if (probe.use_count() == 1) break;
      probe = std::make_shared<int>(0);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    counted.work(0)();
  });
  const auto dropped = std::make_shared<int>(0);
  for (int i = 0; i < 10; ++i) threads.submit([&counted, dropped] { counted.work(0)(); });
  begun.get_future().wait();
  threads.stop();
  CHECK(counted.done() == 1);
  CHECK(dropped.use_count() == 1);
  threads.submit([&counted] { counted.work(0)(); });
  CHECK(counted.done() == 1);
}

}  // namespace
