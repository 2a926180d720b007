#include "transform/operations/gaussian_blur.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "transform/gaussian_window.h"

namespace pixtok::transform {

namespace {

using core::Status;
using core::StatusCode;

// The position that a position up to size - 1 outside mirrors; the outermost pixel comes once.
int mirrored(int position, int size) {
  if (position < 0) return -position;
  return position < size ? position : 2 * size - 2 - position;
}

// Weights far from the middle are too small for a normal float, with which processors are slow, or
// zero. All are made larger, which changes no sum but for its exponent, and zeros around them are
// left out.
constexpr float kLarger = 0x1p64F;

GaussianWindow without_small_weights(const GaussianWindow& window) {
  int across = window.width / 2;  // pixels on each side of the middle
  int down = window.height / 2;
  const auto weight = [&](int x, int y) {
    return window.weights[static_cast<std::size_t>((window.height / 2 + y) * window.width +
                                                   window.width / 2 + x)];
  };
  while (across > 0 && weight(across, 0) == 0.0F) --across;
  while (down > 0 && weight(0, down) == 0.0F) --down;
  GaussianWindow kept{{}, 2 * across + 1, 2 * down + 1};
  for (int y = -down; y <= down; ++y) {
    for (int x = -across; x <= across; ++x) kept.weights.push_back(weight(x, y) * kLarger);
  }
  return kept;
}

std::string text(int width, int height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

}  // namespace

Status blur(const ByteImage& image, const Blur& options, const kernels::FloatResizeKernels& kernels,
            core::ScratchBuffer& floats) {
  const int width = image.width;
  const int height = image.height;
  if (options.kernel_width / 2 >= width || options.kernel_height / 2 >= height) {
    return Status::failure(StatusCode::kDoesNotFit,
                           "gaussianBlur mirrors half its kernel of " +
                               text(options.kernel_width, options.kernel_height) +
                               " around the image, which is too small with " + text(width, height));
  }
  const GaussianWindow window = without_small_weights(gaussian_window(
      options.kernel_width, options.kernel_height, options.sigma_x, options.sigma_y));
  const int across = window.width / 2;
  const int down = window.height / 2;
  const int stride = width + 2 * across;
  const std::size_t padded = static_cast<std::size_t>(stride) * (height + 2 * down);
  auto* const values = reinterpret_cast<float*>(floats.reserve((padded + stride) * sizeof(float)));
  float* const sums = values + padded;
  for (int channel = 0; channel < 3; ++channel) {
    float* target = values;
    for (int y = -down; y < height + down; ++y) {
      const std::uint8_t* const row = image.row(channel, mirrored(y, height));
      for (int x = -across; x < 0; ++x) *target++ = row[mirrored(x, width)];
      for (int x = 0; x < width; ++x) *target++ = row[x];
      for (int x = width; x < width + across; ++x) *target++ = row[mirrored(x, width)];
    }
    for (int y = 0; y < height; ++y) {
      kernels.convolve_row(values + static_cast<std::size_t>(y) * stride, stride, window.view(),
                           width, sums);
      std::uint8_t* const row = image.row(channel, y);
      for (int x = 0; x < width; ++x)
        row[x] = static_cast<std::uint8_t>(std::nearbyint(sums[x] / kLarger));
    }
  }
  return Status::success();
}

}  // namespace pixtok::transform
