#include "core/page_pool.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <new>
#include <utility>

namespace pixtok::core {

namespace {

// Sizes are rounded up to a multiple of this, so that a block fits others. A page that nobody
// touches is none.
constexpr std::size_t kStep = std::size_t{64} << 10;

}  // namespace

PageBytes PagePool::take(std::size_t bytes) {
  if (bytes > SIZE_MAX - kStep) throw std::bad_alloc();
  const std::size_t wanted = round_up(bytes, kStep);
  const std::size_t most = wanted + wanted / 2;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    // what was given last is the likeliest to be in a processor's cache
    const auto found = std::find_if(idle_.rbegin(), idle_.rend(), [&](const PageBytes& pages) {
      return pages.size() >= wanted && pages.size() <= most;
    });
    if (found != idle_.rend()) {
      PageBytes pages = std::move(*found);
      idle_.erase(std::next(found).base());
      idle_bytes_ -= pages.size();
      return pages;
    }
  }
  return PageBytes(wanted);
}

void PagePool::give(PageBytes pages) noexcept {
  if (pages.size() > kMostIdleBytes) return;
  std::deque<PageBytes> dropped;  // the system takes them without the mutex
  const std::lock_guard<std::mutex> lock(mutex_);
  try {
    idle_.push_back(std::move(pages));
    idle_bytes_ += idle_.back().size();
    while (idle_bytes_ > kMostIdleBytes) {
      idle_bytes_ -= idle_.front().size();
      dropped.push_back(std::move(idle_.front()));
      idle_.pop_front();
    }
  } catch (const std::bad_alloc&) {
    // they are the system's
  }
}

void PagePool::clear() noexcept {
  std::deque<PageBytes> dropped;
  const std::lock_guard<std::mutex> lock(mutex_);
  dropped.swap(idle_);
  idle_bytes_ = 0;
}

std::size_t PagePool::idle_bytes() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return idle_bytes_;
}

}  // namespace pixtok::core
