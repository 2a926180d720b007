#include "core/page_pool.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <new>
#include <utility>

namespace pixtok::core {

namespace {

// Sizes are multiples of this, so that a block fits other sizes. The system has no memory for pages
// that nobody has touched.
constexpr std::size_t kStep = std::size_t{64} << 10;

}  // namespace

PageBytes PagePool::take(std::size_t bytes) {
  if (bytes > SIZE_MAX - kStep) throw std::bad_alloc();
  const std::size_t wanted = round_up(bytes, kStep);
  const std::size_t most = wanted + wanted / 2;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    // the block that was given last is the likeliest to be in a processor's cache
    const auto found = std::find_if(idle_.rbegin(), idle_.rend(), [&](const PageBytes& pages) {
      return pages.size() >= wanted && pages.size() <= most;
    });
    if (found != idle_.rend()) {
      PageBytes pages = std::move(*found);
      idle_.erase(std::next(found).base());
      idle_bytes_ -= pages.size();
      taken_ += 1;
      return pages;
    }
  }
  PageBytes pages(wanted);
  const std::lock_guard<std::mutex> lock(mutex_);
  taken_ += 1;
  return pages;
}

void PagePool::give(PageBytes pages) noexcept {
  std::vector<PageBytes> dropped;  // unmapped when the mutex is free
  const std::lock_guard<std::mutex> lock(mutex_);
  taken_ -= 1;
  const std::size_t bytes = pages.size();
  if (taken_ == 0) {
    dropped.swap(idle_);
    idle_bytes_ = 0;
  } else if (bytes <= kMostIdleBytes) {
    while (idle_bytes_ > kMostIdleBytes - bytes) {
      idle_bytes_ -= idle_.front().size();
      idle_.erase(idle_.begin());
    }
    try {
      idle_.push_back(std::move(pages));
      idle_bytes_ += bytes;
    } catch (const std::bad_alloc&) {
      // the system has them
    }
  }
}

std::size_t PagePool::idle_bytes() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return idle_bytes_;
}

}  // namespace pixtok::core
