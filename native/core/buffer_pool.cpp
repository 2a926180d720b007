#include "core/buffer_pool.h"

#include <iterator>
#include <utility>

namespace pixtok::core {

namespace {

// A much larger block would be wasted on a small batch (a single item, say).
bool are_alike(std::size_t a, std::size_t b) { return a / 2 <= b && b / 2 <= a; }

}  // namespace

std::shared_ptr<BufferPool::Block> BufferPool::acquire(std::size_t bytes) {
  Block block;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    for (auto it = idle_.begin(); it != idle_.end(); ++it) {
      if (it->capacity >= bytes && are_alike(it->capacity, bytes)) {
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
  std::size_t alike = 0;
  auto last_alike = idle_.begin();
  for (auto it = idle_.begin(); it != idle_.end(); ++it) {
    if (!are_alike(it->capacity, idle_.front().capacity)) continue;
    ++alike;
    last_alike = it;
  }
  if (alike <= kMaxIdleOfASize && idle_.size() <= kMaxIdleBlocks) return;
  const auto victim = alike > kMaxIdleOfASize ? last_alike : std::prev(idle_.end());
  evicted = std::move(*victim);
  idle_.erase(victim);
}

}  // namespace pixtok::core
