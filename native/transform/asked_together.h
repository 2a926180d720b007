#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace pixtok::transform {

// How many images in mapped files one thread asks the system for before it waits for the first of
// them. A system drops what it is asked for where it has much on its way already: the thread then
// waits for each image as long as for the first, one after the other. So they become half as many,
// and grow by one whenever all came together. One alone would never tell.
class AskedTogether {
 public:
  static constexpr std::size_t kLeast = 2;
  static constexpr std::size_t kMost = 16;

  std::size_t count() const { return count_; }

  // What a thread waited for the first image, from when it asked, and then for the slowest of the
  // others at most; in nanoseconds.
  void note(std::int64_t first, std::int64_t another) {
    const bool dropped = another > first / 2;
    count_ = dropped ? std::max(count_ / 2, kLeast) : std::min(count_ + 1, kMost);
  }

 private:
  std::size_t count_ = kMost;
};

}  // namespace pixtok::transform
