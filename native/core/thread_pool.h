#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/platform.h"

namespace pixtok::core {

// A number of independent items, worked off by the pool's threads in any order.
class Job {
 public:
  explicit Job(std::size_t items) : items_(items), unfinished_(items) {}
  virtual ~Job() = default;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  // Items that have not been started are then passed to `skip` instead of `run`.
  void cancel() { cancelled_.store(true, std::memory_order_relaxed); }

  std::size_t items() const { return items_; }

 protected:
  // Exactly one of the two is called for each item, on a pool thread; `worker` numbers that thread.
  virtual void run(std::size_t item, std::size_t worker) noexcept = 0;
  virtual void skip(std::size_t item) noexcept = 0;
  // Called once, after the last item, by the thread that did it.
  virtual void finish() noexcept = 0;

 private:
  friend class ThreadPool;
  const std::size_t items_;
  std::size_t next_ = 0;  // guarded by the pool's mutex
  std::atomic<std::size_t> unfinished_;
  std::atomic<bool> cancelled_{false};
};

// Whether a job waits for those that came before it.
enum class Turn { kInOrder, kNext };

// Threads of our own, so that libuv's stay free for the file system and for sharp. Jobs start in
// the order in which they came, but for those whose turn is next; a thread that finds the first one
// handed out goes on with the next, so no thread idles where two batches meet. No more threads are
// woken than there is work for, those that began to wait last before the others: a single image
// finds its thread's memory in the cache.
class ThreadPool {
 public:
  explicit ThreadPool(std::size_t threads);
  ~ThreadPool();  // as stop()
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Precondition: job->items() > 0. After stop() the job is skipped at once, on this thread.
  void submit(std::shared_ptr<Job> job, Turn turn = Turn::kInOrder);

  // Skips what has not been started, waits for what has, and ends the threads.
  void stop();

  std::size_t size() const { return size_; }

 private:
  struct WakeSignal {
    std::condition_variable raised;
    bool waiting = false;
  };

  void work(std::size_t worker);
  void wait(std::size_t worker, std::unique_lock<std::mutex>& lock);
  void wake(std::size_t most);
  static void complete(Job& job, std::size_t items);

  const std::size_t size_;
  const int niceness_ = nicer_than_this_thread();
  std::mutex mutex_;  // guards all that follows
  std::vector<WakeSignal> signals_;
  std::vector<std::size_t> idle_;  // workers, in the order in which they began to wait
  std::deque<std::shared_ptr<Job>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace pixtok::core
