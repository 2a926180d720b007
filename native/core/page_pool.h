#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>

#include "core/aligned_buffer.h"

namespace pixtok::core {

// Blocks of whole pages that are used again: a fresh page costs a fault, and one that the system
// has back costs the other processors a look at their page tables. All functions may be called on
// any thread.
class PagePool {
 public:
  // Of what nobody uses, so much is kept.
  static constexpr std::size_t kMostIdleBytes = std::size_t{8} << 20;

  // At least so many bytes, their contents unspecified. Throws std::bad_alloc.
  PageBytes take(std::size_t bytes);

  void give(PageBytes pages) noexcept;

  // The system has back what nobody uses.
  void clear() noexcept;

  std::size_t idle_bytes();

 private:
  std::mutex mutex_;
  std::deque<PageBytes> idle_;  // the one that was given last at the end
  std::size_t idle_bytes_ = 0;
};

// Pages of a pool, which has them back when this ends.
class PooledPages {
 public:
  PooledPages() = default;
  // Throws std::bad_alloc.
  PooledPages(std::shared_ptr<PagePool> pool, std::size_t bytes)
      : pool_(std::move(pool)), pages_(pool_->take(bytes)) {}
  ~PooledPages() {
    if (pages_.data() != nullptr) pool_->give(std::move(pages_));
  }
  PooledPages(PooledPages&&) noexcept = default;
  PooledPages& operator=(PooledPages&& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(pages_, other.pages_);
    return *this;
  }

  std::uint8_t* data() const { return pages_.data(); }

 private:
  std::shared_ptr<PagePool> pool_;
  PageBytes pages_;
};

}  // namespace pixtok::core
