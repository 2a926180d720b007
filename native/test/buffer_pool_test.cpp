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

TEST("the number of idle blocks is bounded") {
  auto pool = std::make_shared<core::BufferPool>();
  std::vector<std::shared_ptr<core::BufferPool::Block>> blocks;
  for (int i = 0; i < 50; ++i) blocks.push_back(pool->acquire(64));
  blocks.clear();
  CHECK(pool->idle_blocks() <= 4);
  for (std::size_t bytes = 64; bytes < 1 << 28; bytes *= 3) pool->acquire(bytes);
  for (std::size_t bytes = 100; bytes < 1 << 28; bytes *= 3) pool->acquire(bytes);
  CHECK(pool->idle_blocks() <= 24);
}

TEST("blocks of one size do not drive out those of another") {
  auto pool = std::make_shared<core::BufferPool>();
  const void* address = pool->acquire(100000)->memory.get();
  std::vector<std::shared_ptr<core::BufferPool::Block>> blocks;
  for (int i = 0; i < 50; ++i) blocks.push_back(pool->acquire(64));
  blocks.clear();
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
