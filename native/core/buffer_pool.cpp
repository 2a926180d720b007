#include "core/buffer_pool.h"

#include <utility>

namespace pixtok::core {

std::shared_ptr<BufferPool::Block> BufferPool::acquire(std::size_t bytes) {
  Block block;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    for (auto it = idle_.begin(); it != idle_.end(); ++it) {
      // A much larger block would be wasted on a small batch (a single item, say).
      if (it->capacity >= bytes && it->capacity / 2 <= bytes) {
        block = std::move(*it);
        idle_.erase(it);
        break;
      }
    }
  }
  if (block.memory == nullptr) {
    block.memory = map_bytes(bytes);
    block.capacity = bytes;
  }
  auto owner = std::make_unique<Block>(std::move(block));
  std::shared_ptr<BufferPool> pool = shared_from_this();
  return std::shared_ptr<Block>(owner.release(), [pool](Block* returned) {
    std::unique_ptr<Block> holder(returned);
    pool->give_back(std::move(*holder));
  });
}

std::size_t BufferPool::idle_blocks() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return idle_.size();
}

void BufferPool::give_back(Block block) {
  std::list<Block> node;
  Block evicted;  // freed outside the lock
  try {
    node.push_front(std::move(block));
  } catch (...) {
    return;  // no memory to remember it by: the block frees itself
  }
  std::lock_guard<std::mutex> lock(mutex_);
  idle_.splice(idle_.begin(), node);
  if (idle_.size() > kMaxIdleBlocks) {
    evicted = std::move(idle_.back());
    idle_.pop_back();
  }
}

}  // namespace pixtok::core
