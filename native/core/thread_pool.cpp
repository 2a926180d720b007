#include "core/thread_pool.h"

#include <utility>

namespace pixtok::core {

ThreadPool::ThreadPool(std::size_t threads) : size_(threads), signals_(threads) {
  idle_.reserve(threads);
  try {
    for (std::size_t worker = 0; worker < threads; ++worker) {
      threads_.emplace_back([this, worker] { work(worker); });
    }
  } catch (...) {
    stop();
    throw;
  }
}

ThreadPool::~ThreadPool() { stop(); }

void ThreadPool::submit(std::shared_ptr<Job> job, Turn turn) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!stopping_) {
      const std::size_t items = job->items();
      if (turn == Turn::kNext) {
        queue_.push_front(std::move(job));
      } else {
        queue_.push_back(std::move(job));
      }
      wake(items);
      return;
    }
  }
  for (std::size_t item = 0; item < job->items(); ++item) job->skip(item);
  complete(*job, job->items());
}

void ThreadPool::stop() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    for (const auto& job : queue_) job->cancel();
    wake(size_);
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void ThreadPool::complete(Job& job, std::size_t items) {
  // acq_rel: the thread that finishes the job sees what every other thread wrote for it.
  if (job.unfinished_.fetch_sub(items, std::memory_order_acq_rel) == items) job.finish();
}

void ThreadPool::wait(std::size_t worker, std::unique_lock<std::mutex>& lock) {
  WakeSignal& signal = signals_[worker];
  signal.waiting = true;
  idle_.push_back(worker);
  signal.raised.wait(lock, [&signal] { return !signal.waiting; });
}

void ThreadPool::wake(std::size_t most) {
  for (; most > 0 && !idle_.empty(); --most) {
    WakeSignal& signal = signals_[idle_.back()];
    idle_.pop_back();
    signal.waiting = false;
    signal.raised.notify_one();
  }
}

void ThreadPool::work(std::size_t worker) {
  // What waits for a batch has more to do than to wait: it trains.
  set_niceness(niceness_);
  for (;;) {
    std::shared_ptr<Job> job;
    std::size_t item = 0;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      while (!stopping_ && queue_.empty()) wait(worker, lock);
      if (queue_.empty()) return;  // stopping, and nothing is left to skip
      job = queue_.front();
      item = job->next_++;
      if (job->next_ == job->items_) queue_.pop_front();
    }
    if (job->cancelled_.load(std::memory_order_relaxed)) {
      job->skip(item);
    } else {
      job->run(item, worker);
    }
    complete(*job, 1);
  }
}

}  // namespace pixtok::core
