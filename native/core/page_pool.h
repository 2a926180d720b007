#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "core/aligned_buffer.h"

namespace pixtok::core {

// Blocks of whole pages that are used again. A fresh page costs a fault, and unmapping one has all
// processors look at their page tables. All functions may be called on any thread.
class PagePool {
 public:
  // Of blocks that nobody uses so many bytes are kept, and none once nobody uses any.
  static constexpr std::size_t kMostIdleBytes = std::size_t{8} << 20;

  // At least so many bytes, their contents unspecified. Throws std::bad_alloc.
  PageBytes take(std::size_t bytes);

  // Precondition: the pages were taken here.
  void give(PageBytes pages) noexcept;

  std::size_t idle_bytes();

 private:
  std::mutex mutex_;
  std::vector<PageBytes> idle_;  // the block that was given last is the last
  std::size_t idle_bytes_ = 0;
  std::size_t taken_ = 0;
};

// Pages that go back to their pool when this ends.
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
