#include "transform/byte_histogram.h"

#include <limits>
#include <vector>

#include "test/check.h"

namespace {

using pixtok::transform::ByteHistogram;
using pixtok::transform::count_bytes;

TEST("every byte is counted in its channel, and added to what was counted") {
  std::vector<float> values;
  for (int byte = 0; byte < 256; ++byte) {
    values.push_back(static_cast<float>(byte + 1));
    values.push_back(static_cast<float>(256 - byte));
    values.push_back(8.0F);
  }
  ByteHistogram histogram{};
  count_bytes(values.data(), 256, histogram);
  count_bytes(values.data(), 1, histogram);
  for (std::size_t byte = 0; byte < 256; ++byte) {
    CHECK(histogram[0][byte] == (byte == 0 ? 2 : 1));
    CHECK(histogram[1][byte] == (byte == 255 ? 2 : 1));
    CHECK(histogram[2][byte] == (byte == 7 ? 257 : 0));
  }
}

TEST("padding, and what is no byte, is not counted") {
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> values = {0.0F, -1.0F, 257.0F, infinity, -infinity, nan};
  ByteHistogram histogram{};
  count_bytes(values.data(), 2, histogram);
  CHECK(histogram == ByteHistogram{});
}

}  // namespace
