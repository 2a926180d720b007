// The inverse DCT of every kernel table against the scalar one, on random blocks and extreme ones.

#include "kernels/idct/idct_kernels.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "core/aligned_buffer.h"
#include "kernels/kernel_table.h"
#include "test/check.h"

namespace {

using namespace pixtok;
using kernels::kBlockSize;

constexpr std::uint8_t kZigzag[kBlockSize] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

struct Case {
  std::vector<std::int16_t> coefficients;
  std::vector<std::uint8_t> last;
  std::array<std::int16_t, kBlockSize> quantization{};
};

int random_last(std::mt19937_64& random) {
  switch (random() % 4) {
    case 0:
      return 0;
    case 1:
      return static_cast<int>(random() % 11);
    default:
      return static_cast<int>(random() % kBlockSize);
  }
}

Case random_case(std::mt19937_64& random) {
  Case test;
  const std::size_t blocks = 1 + random() % 17;
  test.last.resize(blocks);
  test.coefficients.resize(blocks * kBlockSize);
  const int most = random() % 4 == 0 ? 255 : 1 + static_cast<int>(random() % 16);
  for (std::int16_t& factor : test.quantization) {
    factor = static_cast<std::int16_t>(random() % 8 == 0 ? most : 1 + random() % most);
  }
  // Of the largest that a coefficient can be where nothing else stands in its column.
  const int part = 1 << random() % 7;
  for (std::size_t block = 0; block < blocks; ++block) {
    const int last = random_last(random);
    test.last[block] = static_cast<std::uint8_t>(last);
    for (int place = 0; place <= last; ++place) {
      const std::size_t at = kZigzag[place];
      const int largest = kernels::kLargestColumn / part / test.quantization[at];
      const int spread = 2 * largest + 1;
      const int value = random() % 3 == 0 ? static_cast<int>(random() % spread) - largest
                                          : static_cast<int>(random() % 3) - 1;
      test.coefficients[block * kBlockSize + at] = static_cast<std::int16_t>(value);
    }
    if (random() % 50 == 0) {
      // As large as 16 bits allow.
      const std::size_t at = kZigzag[random() % (static_cast<unsigned>(last) + 1)];
      const int largest = 32767 / test.quantization[at];
      test.coefficients[block * kBlockSize + at] =
          static_cast<std::int16_t>(random() % 2 == 0 ? largest : -largest);
    }
  }
  return test;
}

struct Pixels {
  bool in_range = false;
  std::vector<std::uint8_t> bytes;
};

Pixels transformed(const Case& test, const kernels::KernelTable& table) {
  constexpr std::uint8_t kUntouched = 0xA5;
  const std::size_t blocks = test.last.size();
  const std::size_t readable = core::round_up(blocks, kernels::kMostBlocksAtOnce);
  const std::size_t bytes = readable * kBlockSize * sizeof(std::int16_t);
  core::ScratchBuffer memory;
  std::memset(memory.reserve(bytes), 0, bytes);
  std::memcpy(memory.data(), test.coefficients.data(), blocks * kBlockSize * sizeof(std::int16_t));
  const std::size_t stride = blocks * kernels::kBlockSide + 5;
  Pixels pixels;
  pixels.bytes.assign(stride * kernels::kBlockSide, kUntouched);
  pixels.in_range = table.idct.inverse_dct({reinterpret_cast<std::int16_t*>(memory.data()),
                                            test.last.data(), static_cast<int>(blocks),
                                            test.quantization.data(), pixels.bytes.data(), stride});
  if (!pixels.in_range) return {};
  CHECK(std::all_of(memory.data(), memory.data() + bytes, [](std::uint8_t b) { return b == 0; }));
  return pixels;
}

TEST("the inverse DCT of every kernel table is the scalar one's") {
  std::mt19937_64 random(test::seed());
  int in_range = 0;
  const int cases = 20 * test::random_cases();
  for (int i = 0; i < cases; ++i) {
    const Case test = random_case(random);
    const auto tables = kernels::supported_tables();
    const Pixels expected = transformed(test, *tables.front());
    in_range += expected.in_range ? 1 : 0;
    for (const kernels::KernelTable* table : tables) {
      const Pixels pixels = transformed(test, *table);
      if (pixels.in_range != expected.in_range || pixels.bytes != expected.bytes) {
        test::fail(__FILE__, __LINE__, std::string(table->name) + ", case " + std::to_string(i));
      }
    }
  }
  CHECK(in_range > cases / 4 && in_range < cases);
}

}  // namespace
