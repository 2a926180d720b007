#include "transform/operations/sharpness.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "transform/operations/blend.h"

namespace pixtok::transform {

namespace {

// Pillow's ImageFilter.SMOOTH weighs a pixel by 5/13 and those around it by 1/13, in float, and
// rounds. No sum of thirteenths comes nearer than 1/26 to a half: whole numbers give the same.
std::uint8_t thirteenth(unsigned sum) {
  constexpr std::uint32_t kReciprocal = 10083;  // of 26, times 2^18, rounded up
  return static_cast<std::uint8_t>(((2 * sum + 13) * kReciprocal) >> 18);
}

void sharpen_row(const std::uint8_t* above, const std::uint8_t* row, const std::uint8_t* below,
                 int width, float factor, std::uint8_t* out) {
  for (int x = 1; x < width - 1; ++x) {
    const unsigned around = above[x - 1] + above[x] + above[x + 1] + row[x - 1] + row[x + 1] +
                            below[x - 1] + below[x] + below[x + 1];
    out[x] = blend(thirteenth(around + 5U * row[x]), row[x], factor);
  }
}

}  // namespace

void change_sharpness(const ByteImage& image, double factor, core::ScratchBuffer& rows) {
  const int width = image.width;
  if (width < 3 || image.height < 3) return;  // the outermost pixels stay as they are
  const auto bytes = static_cast<std::size_t>(width);
  std::uint8_t* above = rows.reserve(2 * bytes);
  std::uint8_t* row = above + bytes;
  for (int channel = 0; channel < 3; ++channel) {
    std::memcpy(above, image.row(channel, 0), bytes);
    for (int y = 1; y < image.height - 1; ++y) {
      std::uint8_t* const out = image.row(channel, y);
      std::memcpy(row, out, bytes);
      sharpen_row(above, row, image.row(channel, y + 1), width, static_cast<float>(factor), out);
      std::swap(above, row);
    }
  }
}

}  // namespace pixtok::transform
