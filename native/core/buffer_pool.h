#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>

#include "core/mapped_bytes.h"

namespace pixtok::core {

// Memory for batches. Fresh memory costs a page fault every 4 KiB, more than it costs to fill it,
// so blocks that are given back are kept and handed out again: a few of about the same size, and
// more while all of them together are not large. (Results that nobody releases come back by the
// hundred when garbage is collected.)
class BufferPool : public std::enable_shared_from_this<BufferPool> {
 public:
  struct Block {
    MappedBytes memory;
    std::size_t capacity = 0;
  };

  // The block goes back to the pool, or is freed, when its last owner lets go; it keeps the pool
  // alive until then. The contents are not cleared. Throws std::bad_alloc.
  std::shared_ptr<Block> acquire(std::size_t bytes);

  std::size_t idle_blocks() const;

 private:
  static constexpr std::size_t kAlwaysKeptOfASize = 4;
  static constexpr std::size_t kMaxIdleBytes = std::size_t{384} << 20;
  static constexpr std::size_t kMaxIdleBlocks = 4096;

  void give_back(Block block);
  std::list<Block>::iterator dispensable();

  mutable std::mutex mutex_;
  std::list<Block> idle_;  // most recently used first
  std::size_t idle_bytes_ = 0;
};

}  // namespace pixtok::core
