#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>

#include "core/mapped_bytes.h"

namespace pixtok::core {

// Memory for batches. Fresh memory costs a page fault every 4 KiB, more than it costs to fill it,
// so blocks that are given back are kept (a few of about the same size) and handed out again.
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
  static constexpr std::size_t kMaxIdleOfASize = 4;
  static constexpr std::size_t kMaxIdleBlocks = 24;

  void give_back(Block block);

  mutable std::mutex mutex_;
  std::list<Block> idle_;  // most recently used first
};

}  // namespace pixtok::core
