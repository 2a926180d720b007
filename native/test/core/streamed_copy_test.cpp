#include "core/streamed_copy.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "test/check.h"
#include "test/random_bytes.h"

namespace {

using namespace pixtok;

TEST("a streamed copy of any length, at any place in a line, has the same bytes and no others") {
  std::mt19937_64 random(test::seed());
  constexpr std::uint8_t kUntouched = 7;
  for (int i = 0; i < test::random_cases(); ++i) {
    const std::size_t place = random() % core::kAlignment;
    const std::size_t bytes = random() % 400;
    const std::size_t all = 2 * core::kAlignment + bytes;
    core::ScratchBuffer from;
    core::ScratchBuffer to;
    const auto written = test::random_bytes(random, bytes);
    std::copy(written.begin(), written.end(), from.reserve(all) + place);
    std::fill_n(to.reserve(all), all, kUntouched);
    core::streamed_copy(from.data() + place, bytes, to.data() + place);
    std::vector<std::uint8_t> expected(all, kUntouched);
    std::copy(written.begin(), written.end(),
              expected.begin() + static_cast<std::ptrdiff_t>(place));
    CHECK(std::equal(expected.begin(), expected.end(), to.data()));
  }
}

}  // namespace
