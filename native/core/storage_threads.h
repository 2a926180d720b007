#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace pixtok::core {

// Threads that wait for storage: a few while it answers quickly, and as many as there is work for
// while it is slow, as it answers many at once. They are started when there is something to do.
class StorageThreads {
 public:
  // Must not throw.
  using Work = std::function<void()>;

  struct Limits {
    std::size_t quick = 4;
    std::size_t slow = 64;
  };

  StorageThreads();
  // There are fewer where the process may have few files open.
  explicit StorageThreads(const Limits& limits);
  ~StorageThreads();  // as stop()
  StorageThreads(const StorageThreads&) = delete;
  StorageThreads& operator=(const StorageThreads&) = delete;

  // Work is begun in the order in which it came. What it waits is shared out among its `reads`.
  // Throws std::bad_alloc or std::system_error where there is no thread that could do it; after
  // stop() it is dropped.
  void submit(Work work, std::size_t reads = 1);

  // Drops what has not been begun, waits for what has, and ends the threads.
  void stop();

  // Threads that there may be as storage is now.
  std::size_t wanted_threads();

 private:
  struct Queued {
    Work work;
    std::size_t reads;
  };

  // With the mutex held:
  std::size_t wanted() const;
  void start_thread();

  void work();

  const Limits limits_;
  std::mutex mutex_;  // guards all that follows
  std::condition_variable to_do_;
  std::deque<Queued> queue_;
  double storage_time_ = 0;  // of a read, in nanoseconds: of late
  std::size_t working_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace pixtok::core
