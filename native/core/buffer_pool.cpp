#include "core/buffer_pool.h"

#include <algorithm>
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
        idle_bytes_ -= block.capacity;
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
  std::list<Block> evicted;  // freed outside the lock
  try {
    node.push_front(std::move(block));
  } catch (...) {
    return;  // no memory to remember it by: the block frees itself
  }
  std::lock_guard<std::mutex> lock(mutex_);
  idle_bytes_ += node.front().capacity;
  idle_.splice(idle_.begin(), node);
  while (idle_bytes_ > kMaxIdleBytes || idle_.size() > kMaxIdleBlocks) {
    const auto victim = dispensable();
    if (victim == idle_.end()) return;
    idle_bytes_ -= victim->capacity;
    evicted.splice(evicted.begin(), idle_, victim);
  }
}

// The block used least recently of those that are more than a few of their size.
std::list<BufferPool::Block>::iterator BufferPool::dispensable() {
  for (auto it = idle_.end(); it != idle_.begin();) {
    --it;
    const auto alike = std::count_if(idle_.begin(), idle_.end(), [it](const Block& block) {
      return are_alike(block.capacity, it->capacity);
    });
    if (static_cast<std::size_t>(alike) > kAlwaysKeptOfASize) return it;
  }
  return idle_.end();
}

}  // namespace pixtok::core
