#include "transform/streamed_copy.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "kernels/kernel_table.h"
#include "test/check.h"
#include "test/random_bytes.h"

namespace {

using namespace pixtok;

TEST("a streamed copy of any length, at any place in a line, has the same bytes and no others") {
  std::mt19937_64 random(test::seed());
  constexpr std::uint8_t kUntouched = 7;
  for (const kernels::KernelTable* table : kernels::supported_tables()) {
    for (int i = 0; i < test::random_cases(); ++i) {
      const std::size_t place = random() % core::kAlignment;
      const std::size_t bytes = random() % 2000;
      const std::size_t all = 2 * core::kAlignment + bytes;
      core::ScratchBuffer from;
      core::ScratchBuffer to;
      const auto written = test::random_bytes(random, bytes);
      std::copy(written.begin(), written.end(), from.reserve(all) + place);
      std::fill_n(to.reserve(all), all, kUntouched);
      transform::StreamedCopy copy(table->normalize.store_lines);
      copy.begin(from.data() + place, bytes, to.data() + place);
      for (std::size_t parts = random() % 6; parts > 0; --parts) copy.go_on(random() % 12);
      copy.end();
      std::vector<std::uint8_t> expected(all, kUntouched);
      std::copy(written.begin(), written.end(),
                expected.begin() + static_cast<std::ptrdiff_t>(place));
      CHECK(std::equal(expected.begin(), expected.end(), to.data()));
    }
  }
}

TEST("a streamed copy can begin once more after it has ended") {
  core::ScratchBuffer from;
  core::ScratchBuffer to;
  std::fill_n(from.reserve(640), 640, std::uint8_t{1});
  std::fill_n(to.reserve(640), 640, std::uint8_t{0});
  transform::StreamedCopy copy(kernels::kScalarNormalize.store_lines);
  for (std::size_t at = 0; at < 640; at += 320) {
    copy.begin(from.data() + at, 320, to.data() + at);
    copy.go_on(2);
    copy.end();
  }
  CHECK(std::count(to.data(), to.data() + 640, 1) == 640);
}

}  // namespace
