#include <algorithm>

#include "kernels/colour/colour_kernels.h"

namespace pixtok::kernels {

namespace {

// 65536 times 1.402, 1.772, 0.344136 (libjpeg has 0.34414) and 0.714136 (0.71414), rounded.
constexpr int kCrToRed = 91881;
constexpr int kCbToBlue = 116130;
constexpr int kCbToGreen = 22554;
constexpr int kCrToGreen = 46802;
constexpr int kHalf = 1 << 15;

std::uint8_t clipped(int value) { return static_cast<std::uint8_t>(std::clamp(value, 0, 255)); }

void split_rgb(const std::uint8_t* pixels, int width, std::uint8_t* const* planes) {
  for (int x = 0; x < width; ++x, pixels += 3) {
    for (int channel = 0; channel < 3; ++channel) planes[channel][x] = pixels[channel];
  }
}

void ycc_to_rgb(const std::uint8_t* luma, const std::uint8_t* cb, const std::uint8_t* cr, int width,
                std::uint8_t* const* planes) {
  for (int x = 0; x < width; ++x) {
    const int blueness = cb[x] - 128;
    const int redness = cr[x] - 128;
    planes[0][x] = clipped(luma[x] + ((kCrToRed * redness + kHalf) >> 16));
    planes[1][x] =
        clipped(luma[x] + ((kHalf - kCbToGreen * blueness - kCrToGreen * redness) >> 16));
    planes[2][x] = clipped(luma[x] + ((kCbToBlue * blueness + kHalf) >> 16));
  }
}

void upsample_across(const std::uint8_t* row, int width, std::uint8_t* target) {
  for (int x = 0; x < width; ++x) {
    target[2 * x] = static_cast<std::uint8_t>((3 * row[x] + row[x - 1] + 1) >> 2);
    target[2 * x + 1] = static_cast<std::uint8_t>((3 * row[x] + row[x + 1] + 2) >> 2);
  }
}

void upsample_both(const std::uint8_t* near_row, const std::uint8_t* far_row, int width,
                   std::uint8_t* target) {
  const auto sum = [&](int x) { return 3 * near_row[x] + far_row[x]; };
  for (int x = 0; x < width; ++x) {
    target[2 * x] = static_cast<std::uint8_t>((3 * sum(x) + sum(x - 1) + 8) >> 4);
    target[2 * x + 1] = static_cast<std::uint8_t>((3 * sum(x) + sum(x + 1) + 7) >> 4);
  }
}

void upsample_down(const std::uint8_t* near_row, const std::uint8_t* far_row, int bias, int width,
                   std::uint8_t* target) {
  for (int x = 0; x < width; ++x) {
    target[x] = static_cast<std::uint8_t>((3 * near_row[x] + far_row[x] + bias) >> 2);
  }
}

}  // namespace

const ColourKernels kScalarColour = {split_rgb, ycc_to_rgb, upsample_across, upsample_both,
                                     upsample_down};

}  // namespace pixtok::kernels
