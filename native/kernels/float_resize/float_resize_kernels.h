#pragma once

#include <cstddef>

namespace pixtok::kernels {

// Of each output position: its first source position, how many there are, and their weights.
struct FloatTaps {
  const int* first;
  const int* count;      // at least one
  const float* weights;  // `most` for each output position
  int most;
};

// Two source positions and their weights, of each output position.
struct FloatPairs {
  const int* first;
  const int* second;
  const float* first_weight;
  const float* second_weight;
};

// The weights of rows that follow each other.
struct FloatWindow {
  const float* weights;
  int width;
  int height;
};

// torch's compiler makes groups of so many taps, after the first one.
inline constexpr int kFloatGroup = 4;

// Of a sum of `count` taps: the first is a product; those before the one that is given here are
// products that are rounded, and then added; the others are fused multiply-adds.
inline int first_fused_tap(int count) { return 1 + (count - 1) / kFloatGroup * kFloatGroup; }

struct FloatResizeKernels {
  // The sum of each output position of one row.
  void (*resample_row)(const float* source, const FloatTaps& taps, int width, float* out);

  // The sum of `count` rows of `width` values that follow each other.
  void (*resample_columns)(const float* source, int width, const float* weights, int count,
                           float* out);

  // Of two rows, whose weights are `up` and `low`, fma(a, wa, b * wb) across each, and then of
  // both.
  void (*interpolate_row)(const float* upper, const float* lower, const FloatPairs& across,
                          float up, float low, int width, float* out);

  // The same of the products of weights:
  // fma(low * w1, d, fma(low * w0, c, fma(up * w0, a, up * w1 * b))).
  void (*interpolate_small_row)(const float* upper, const float* lower, const FloatPairs& across,
                                float up, float low, int width, float* out);

  // Of each output position, the sum of a window from there to the right and below. Fused
  // multiply-adds alone, from zero, row after row. `stride`: values from row to row of the source.
  void (*convolve_row)(const float* source, std::ptrdiff_t stride, const FloatWindow& window,
                       int width, float* out);
};

extern const FloatResizeKernels kScalarFloatResize;
extern const FloatResizeKernels kAvx2FloatResize;

}  // namespace pixtok::kernels
