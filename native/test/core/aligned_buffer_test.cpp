#include "core/aligned_buffer.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

#include "core/platform.h"
#include "test/check.h"

namespace {

using namespace pixtok;

bool is_refused(std::size_t bytes) {
  try {
    (void)core::allocate_aligned(bytes);
  } catch (const std::bad_alloc&) {
    return true;
  }
  return false;
}

TEST("aligned memory begins at a multiple of 64, and is there for every size that can be had") {
  for (const std::size_t bytes : {0, 1, 63, 64, 65, 100'000}) {
    const core::AlignedBytes memory = core::allocate_aligned(bytes);
    CHECK(reinterpret_cast<std::uintptr_t>(memory.get()) % 64 == 0);
    std::memset(memory.get(), 1, bytes);
  }
  for (const std::size_t below : {0, 1, 63}) CHECK(is_refused(SIZE_MAX - below));
}

TEST("numbers are rounded up to a multiple") {
  CHECK(core::round_up(0, 64) == 0);
  CHECK(core::round_up(1, 64) == 64);
  CHECK(core::round_up(64, 64) == 64);
  CHECK(core::round_up(65, 64) == 128);
}

TEST("scratch memory stays for what it is large enough for, until it is trimmed to less") {
  core::ScratchBuffer buffer;
  CHECK(buffer.data() == nullptr);
  const std::uint8_t* memory = buffer.reserve(1000);
  CHECK(memory != nullptr && buffer.data() == memory);
  CHECK(buffer.reserve(1000) == memory && buffer.reserve(1) == memory);
  buffer.trim(1000);
  CHECK(buffer.data() == memory);
  buffer.trim(999);
  CHECK(buffer.data() == nullptr);
  CHECK(buffer.reserve(0) != nullptr);
  std::memset(buffer.reserve(200'000), 1, 200'000 + core::kTailPadding);
  CHECK(std::as_const(buffer).data() == buffer.reserve(200'000));
}

#if defined(__linux__)
bool is_mapped(std::uint8_t* page) {
  unsigned char is_resident = 0;
  return ::mincore(page, 1, &is_resident) == 0;
}

TEST("pages are the system's again when what has them ends") {
  constexpr std::size_t kBytes = std::size_t{1} << 20;
  const std::size_t page = core::map_granularity();
  std::uint8_t* first = nullptr;
  std::uint8_t* second = nullptr;
  {
    core::PageBytes one(kBytes);
    first = one.data();
    first[0] = first[kBytes - 1] = 7;
    core::PageBytes taken(std::move(one));
    CHECK(taken.data() == first && one.data() == nullptr);
    {
      core::PageBytes other(kBytes / 2);
      second = other.data();
      other = std::move(taken);
      CHECK(other.data() == first && first[kBytes - 1] == 7);
    }
    CHECK(!is_mapped(first) && !is_mapped(first + kBytes - page));
    CHECK(is_mapped(second) && is_mapped(second + kBytes / 2 - page));
  }
  CHECK(!is_mapped(second) && !is_mapped(second + kBytes / 2 - page));
  CHECK(core::PageBytes().data() == nullptr);
}
#endif

}  // namespace
