#include <cstddef>

#include "core/fused_multiply_add.h"
#include "kernels/float_resize/float_resize_kernels.h"

namespace pixtok::kernels {

namespace {

using core::fused_multiply_add;

void resample_row(const float* source, const FloatTaps& taps, int width, float* out) {
  const float* weights = taps.weights;
  for (int x = 0; x < width; ++x, weights += taps.most) {
    const float* values = source + taps.first[x];
    const int count = taps.count[x];
    const int fused = first_fused_tap(count);
    float sum = values[0] * weights[0];
    for (int k = 1; k < fused; ++k) sum += values[k] * weights[k];
    for (int k = fused; k < count; ++k) sum = fused_multiply_add(values[k], weights[k], sum);
    out[x] = sum;
  }
}

void resample_columns(const float* source, int width, const float* weights, int count, float* out) {
  const int fused = first_fused_tap(count);
  for (int x = 0; x < width; ++x) out[x] = source[x] * weights[0];
  for (int k = 1; k < count; ++k) {
    const float* row = source + static_cast<std::ptrdiff_t>(k) * width;
    const float weight = weights[k];
    if (k < fused) {
      for (int x = 0; x < width; ++x) out[x] += row[x] * weight;
    } else {
      for (int x = 0; x < width; ++x) out[x] = fused_multiply_add(row[x], weight, out[x]);
    }
  }
}

void interpolate_row(const float* upper, const float* lower, const FloatPairs& across, float up,
                     float low, int width, float* out) {
  for (int x = 0; x < width; ++x) {
    const int first = across.first[x];
    const int second = across.second[x];
    const float left = across.first_weight[x];
    const float right = across.second_weight[x];
    const float above = fused_multiply_add(upper[first], left, upper[second] * right);
    const float below = fused_multiply_add(lower[first], left, lower[second] * right);
    out[x] = fused_multiply_add(above, up, below * low);
  }
}

void interpolate_small_row(const float* upper, const float* lower, const FloatPairs& across,
                           float up, float low, int width, float* out) {
  for (int x = 0; x < width; ++x) {
    const int first = across.first[x];
    const int second = across.second[x];
    const float left = across.first_weight[x];
    const float right = across.second_weight[x];
    float sum = up * right * upper[second];
    sum = fused_multiply_add(up * left, upper[first], sum);
    sum = fused_multiply_add(low * left, lower[first], sum);
    out[x] = fused_multiply_add(low * right, lower[second], sum);
  }
}

void convolve_row(const float* source, std::ptrdiff_t stride, const FloatWindow& window, int width,
                  float* out) {
  const float* weight = window.weights;
  for (int x = 0; x < width; ++x) out[x] = 0.0F;
  for (int y = 0; y < window.height; ++y, source += stride) {
    for (int k = 0; k < window.width; ++k, ++weight) {
      for (int x = 0; x < width; ++x) {
        out[x] = fused_multiply_add(source[x + k], *weight, out[x]);
      }
    }
  }
}

}  // namespace

const FloatResizeKernels kScalarFloatResize = {
    resample_row, resample_columns, interpolate_row, interpolate_small_row, convolve_row,
};

}  // namespace pixtok::kernels
