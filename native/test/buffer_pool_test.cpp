#include "core/buffer_pool.h"

#include <cstdint>
#include <memory>
#include <vector>

#include "core/aligned_buffer.h"
#include "test/check.h"

namespace {

using namespace pixtok;

TEST("a returned block is handed out again") {
  auto pool = std::make_shared<core::BufferPool>();
  const void* address = pool->acquire(1000)->memory.get();
  CHECK(pool->idle_blocks() == 1);
  CHECK(pool->acquire(900)->memory.get() == address);
}

TEST("a block in use is never handed out") {
  auto pool = std::make_shared<core::BufferPool>();
  const auto first = pool->acquire(1000);
  const auto second = pool->acquire(1000);
  CHECK(first->memory.get() != second->memory.get());
}

TEST("a block is not wasted on something much smaller") {
  auto pool = std::make_shared<core::BufferPool>();
  pool->acquire(100000);
  const auto small = pool->acquire(100);
  CHECK(small->capacity == 100);
  CHECK(pool->idle_blocks() == 1);
}

// Blocks that were in use at the same time, and are idle now.
void leave_idle(core::BufferPool& pool, int count, std::size_t bytes) {
  std::vector<std::shared_ptr<core::BufferPool::Block>> blocks;
  for (int i = 0; i < count; ++i) blocks.push_back(pool.acquire(bytes));
}

TEST("small idle blocks are kept by the hundred, large ones only a few") {
  auto small = std::make_shared<core::BufferPool>();
  leave_idle(*small, 200, 600 << 10);
  CHECK(small->idle_blocks() == 200);
  leave_idle(*small, 1000, 600 << 10);
  CHECK(small->idle_blocks() <= (std::size_t{384} << 20) / (600 << 10));
  auto large = std::make_shared<core::BufferPool>();
  leave_idle(*large, 20, std::size_t{100} << 20);
  CHECK(large->idle_blocks() == 4);
}

TEST("blocks of one size do not drive out those of another") {
  auto pool = std::make_shared<core::BufferPool>();
  leave_idle(*pool, 4, std::size_t{100} << 20);
  const void* address = pool->acquire(100000)->memory.get();
  leave_idle(*pool, 50, 64);
  CHECK(pool->acquire(100000)->memory.get() == address);
}

TEST("a block may outlive everyone else's hold on the pool") {
  auto pool = std::make_shared<core::BufferPool>();
  auto block = pool->acquire(64);
  pool.reset();
  block->memory[63] = 1;
  block.reset();
}

TEST("blocks are aligned for the widest vectors") {
  auto pool = std::make_shared<core::BufferPool>();
  const auto block = pool->acquire(1);
  CHECK(reinterpret_cast<std::uintptr_t>(block->memory.get()) % core::kAlignment == 0);
}

}  // namespace
