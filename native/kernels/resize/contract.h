#pragma once

#include <cstdint>
#include <vector>

namespace pixtok::kernels {

// Pillow's fixed point: weights have 22 fraction bits, sums start at one half.
inline constexpr int kPrecisionBits = 22;
inline constexpr std::int32_t kRounding = 1 << (kPrecisionBits - 1);

// A weight is high * 2^15 + low, with both parts 16-bit and low not negative. Two sums of 16-bit
// products, joined at the end modulo 2^32, are then exactly the one sum of 32-bit products.
inline constexpr int kLowBits = 15;

// The taps of every output position on one axis. Position i reads `stride` source positions
// from first[i] on; weights beyond the filter's reach are zero.
struct AxisTaps {
  int size = 0;    // output positions
  int stride = 0;  // weights a position, always even
  std::vector<std::int32_t> first;
  std::vector<std::int32_t> count;    // of the `stride` weights, those that can be other than zero
  std::vector<std::int32_t> weights;  // size * stride
  std::vector<std::int32_t> high_pairs;  // size * stride / 2: weight 2k in the low 16 bits, 2k+1 in
  std::vector<std::int32_t> low_pairs;   // the high ones, as multiply-add instructions take them
};

inline constexpr int kRowsAtOnce = 4;

// Horizontal pass: `rows` (1 to kRowsAtOnce) rows of RGB pixels, each to taps.size pixels.
// Preconditions: source rows are readable, and target rows writable, for core::kTailPadding bytes
// past their end; every window lies inside the source row, or starts at 0 with at most one
// position too many.
using ResampleRows = void (*)(const std::uint8_t* const* sources, std::uint8_t* const* targets,
                              int rows, const AxisTaps& taps);

// Vertical pass: one row of `bytes` bytes as the weighted sum of `count` rows, count >= 1.
// `weights`, `high_pairs` and `low_pairs` are those of one position of an AxisTaps.
// Preconditions: all rows are readable, and the target writable, for core::kTailPadding bytes past
// their end.
struct WeightedRows {
  const std::uint8_t* const* rows;
  int count;
  const std::int32_t* weights;
  const std::int32_t* high_pairs;
  const std::int32_t* low_pairs;
};
using ResampleColumns = void (*)(const WeightedRows& source, std::uint8_t* target, int bytes);

}  // namespace pixtok::kernels
