#include "core/storage_threads.h"

#include <algorithm>
#include <cstdint>
#include <new>
#include <system_error>
#include <utility>

#include "core/storage_clock.h"

namespace pixtok::core {

namespace {

// How long work waits for storage. What it holds is let go of before this returns.
std::int64_t storage_time_of(StorageThreads::Work work) {
  const StorageClock clock;
  work();
  return clock.nanoseconds();
}

}  // namespace

std::size_t most_threads_with_files() {
  constexpr std::uint64_t kShare = 16;
  const std::uint64_t most = most_open_files().value_or(UINT64_MAX) / kShare;
  return static_cast<std::size_t>(std::min<std::uint64_t>(most, SIZE_MAX));
}

StorageThreads::StorageThreads() : StorageThreads(Limits{}) {}

StorageThreads::StorageThreads(const Limits& limits)
    : limits_{limits.quick,
              std::max(limits.quick, std::min(limits.slow, most_threads_with_files()))} {}

StorageThreads::~StorageThreads() { stop(); }

void StorageThreads::submit(Work work, std::size_t reads) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (stopping_) return;
  queue_.push_back({std::move(work), reads});
  try {
    start_thread();
  } catch (...) {
    // others are there to do it
    if (!threads_.empty()) return;
    queue_.pop_back();
    throw;
  }
}

void StorageThreads::stop() {
  std::deque<Queued> dropped;
  std::vector<std::thread> threads;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    dropped.swap(queue_);
    threads.swap(threads_);
  }
  to_do_.notify_all();
  for (std::thread& thread : threads) thread.join();
}

std::size_t StorageThreads::wanted_threads() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return wanted();
}

std::size_t StorageThreads::wanted() const {
  return storage_time_ < kQuickStorage ? limits_.quick : limits_.slow;
}

// Wakes a thread where there is something to do, and has a new one where all are at work.
void StorageThreads::start_thread() {
  if (stopping_ || queue_.empty() || working_ >= wanted()) return;
  if (working_ < threads_.size()) {
    to_do_.notify_one();
    return;
  }
  threads_.emplace_back([this] { work(); });
}

void StorageThreads::work() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_) {
    if (queue_.empty() || working_ >= wanted()) {
      to_do_.wait(lock);
      continue;
    }
    Queued next = std::move(queue_.front());
    queue_.pop_front();
    working_ += 1;
    try {
      start_thread();
    } catch (const std::system_error&) {
      // those that are there do it, one after the other
    } catch (const std::bad_alloc&) {
    }
    lock.unlock();
    const std::int64_t waited = storage_time_of(std::move(next.work));
    lock.lock();
    working_ -= 1;
    remember(storage_time_, static_cast<double>(waited) / static_cast<double>(next.reads));
  }
}

}  // namespace pixtok::core
