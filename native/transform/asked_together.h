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

  // What a thread waited for images that it asked for together, one after the other; in
  // nanoseconds.
  class Waits {
   public:
    void add(std::int64_t waited) {
      next_ = std::max(next_, std::min(waited, longest_));
      longest_ = std::max(longest_, waited);
    }

    // Whether it waited for two of them, for one at least half as long as for the other. Where the
    // first did not come late, it was in the system's cache: that tells nothing of the others.
    bool are_several() const { return next_ > longest_ / 2; }

   private:
    std::int64_t longest_ = 0;
    std::int64_t next_ = 0;
  };

  std::size_t count() const { return count_; }

  void note(const Waits& waits) {
    count_ = waits.are_several() ? std::max(count_ / 2, kLeast) : std::min(count_ + 1, kMost);
  }

 private:
  std::size_t count_ = kMost;
};

}  // namespace pixtok::transform
