#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/platform.h"

namespace pixtok::core {

// What this thread waits for storage from the clock's making on. 0 where it does not wait at all,
// however long that takes: a busy machine is not slow storage.
class StorageClock {
 public:
  std::int64_t nanoseconds() const {
    const bool waited = !waits_ || waits_of_this_thread() != waits_;
    if (!waited) return 0;
    const auto passed = std::chrono::steady_clock::now() - begun_;
    return std::chrono::duration_cast<std::chrono::nanoseconds>(passed).count();
  }

 private:
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  const std::optional<std::uint64_t> waits_ = waits_of_this_thread();
};

// Storage that takes less for a read is waited for where it is needed: handing a read from thread
// to thread takes some 20 microseconds.
inline constexpr double kQuickStorage = 300'000;  // nanoseconds

// A mean of the last few values.
inline void remember(double& mean, double value) {
  constexpr double kRemembered = 8;
  mean += (value - mean) / kRemembered;
}

// Threads of one kind that may each have a file open: the program has other files, and other
// threads.
std::size_t most_threads_with_files();

}  // namespace pixtok::core
