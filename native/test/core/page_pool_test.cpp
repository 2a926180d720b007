#include "core/page_pool.h"

#include <cstdint>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "test/check.h"

namespace {

using namespace pixtok;
using core::PageBytes;
using core::PagePool;
using core::PooledPages;

TEST("a block that was given back is used again, the one that was given last first") {
  PagePool pool;
  PageBytes one = pool.take(100'000);
  PageBytes other = pool.take(100'000);
  const PageBytes kept = pool.take(1);
  CHECK(one.size() >= 100'000 && one.data() != other.data());
  const std::uint8_t* const first = one.data();
  const std::uint8_t* const second = other.data();
  pool.give(std::move(one));
  pool.give(std::move(other));
  const PageBytes again = pool.take(90'000);
  CHECK(again.data() == second);
  CHECK(pool.take(90'000).data() == first);
}

TEST("a block is used for what it has room for, and wastes no more than half as much again") {
  PagePool pool;
  const PageBytes kept = pool.take(1);
  pool.give(pool.take(200'000));
  const std::size_t size = pool.idle_bytes();
  CHECK(pool.take(size + 1).size() > size);
  CHECK(pool.take(size / 2).size() < size);
  CHECK(pool.idle_bytes() == size);
  CHECK(pool.take(size).size() == size);
  CHECK(pool.idle_bytes() == 0);
}

TEST("idle blocks have a bound, and the oldest are the system's again") {
  PagePool pool;
  const PageBytes kept = pool.take(1);
  std::vector<PageBytes> blocks;
  for (int i = 0; i < 12; ++i) blocks.push_back(pool.take(PagePool::kMostIdleBytes / 8));
  const std::uint8_t* const last = blocks.back().data();
  for (PageBytes& block : blocks) pool.give(std::move(block));
  CHECK(pool.idle_bytes() == PagePool::kMostIdleBytes);
  pool.give(pool.take(PagePool::kMostIdleBytes + 1));
  CHECK(pool.idle_bytes() == PagePool::kMostIdleBytes);
  CHECK(pool.take(PagePool::kMostIdleBytes / 8).data() == last);
  CHECK(pool.idle_bytes() < PagePool::kMostIdleBytes);
  PagePool other;
  const PageBytes used = other.take(1);
  other.give(other.take(PagePool::kMostIdleBytes));
  CHECK(other.idle_bytes() == PagePool::kMostIdleBytes);
}

TEST("a pool keeps nothing once nobody uses any of it") {
  PagePool pool;
  PageBytes one = pool.take(1);
  PageBytes other = pool.take(1);
  pool.give(std::move(one));
  CHECK(pool.idle_bytes() > 0);
  pool.give(std::move(other));
  CHECK(pool.idle_bytes() == 0);
}

TEST("a pool keeps idle blocks as long as a block is in use, used again or not") {
  PagePool pool;
  const PageBytes kept = pool.take(1);
  for (int i = 0; i < 3; ++i) {
    pool.give(pool.take(1));
    CHECK(pool.idle_bytes() > 0);
  }
}

TEST("a pool has pages back from who has them last, when that ends") {
  const auto pool = std::make_shared<PagePool>();
  const PooledPages kept(pool, 1);
  {
    PooledPages one(pool, 1000);
    const std::uint8_t* const data = one.data();
    PooledPages other(std::move(one));
    CHECK(other.data() == data && one.data() == nullptr);
    one = std::move(other);
    CHECK(one.data() == data && pool->idle_bytes() == 0);
  }
  CHECK(pool->idle_bytes() > 0);
  CHECK(PooledPages().data() == nullptr);
}

TEST("a pool has no pages of an absurd size") {
  PagePool pool;
  bool is_refused = false;
  try {
    pool.take(SIZE_MAX - 1);
  } catch (const std::bad_alloc&) {
    is_refused = true;
  }
  CHECK(is_refused);
}

}  // namespace
