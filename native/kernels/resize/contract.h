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

// The taps of every output position on one axis. Position i reads `taps` source positions from
// first[i] on; weights beyond the filter's reach are zero.
struct AxisTaps {
  int size = 0;    // output positions
  int taps = 0;    // the most that a position has
  int stride = 0;  // weights a position: `taps`, made even by a zero
  std::vector<std::int32_t> first;
  std::vector<std::int32_t> count;    // of the weights, those that can be other than zero
  std::vector<std::int32_t> weights;  // size * stride
  // size * stride as well: for weights 2k and 2k+1 two words, the high parts and the low parts,
  // with the even weight's in the low 16 bits, as multiply-add instructions take them.
  std::vector<std::int32_t> pairs;
};

inline constexpr int kRowsAtOnce = 4;

// Horizontal pass: `rows` (1 to kRowsAtOnce) rows of RGB pixels, each to taps.size pixels.
// Preconditions: source rows are readable, and target rows writable, for core::kTailPadding bytes
// past their end; every window of taps.taps positions lies inside the source row.
using ResampleRows = void (*)(const std::uint8_t* const* sources, std::uint8_t* const* targets,
                              int rows, const AxisTaps& taps);

// Vertical pass: one row of `bytes` bytes as the weighted sum of `count` rows, count >= 1.
// `weights` and `pairs` are those of one position of an AxisTaps.
// Preconditions: all rows are readable, and the target writable, for core::kTailPadding bytes past
// their end.
struct WeightedRows {
  const std::uint8_t* const* rows;
  int count;
  const std::int32_t* weights;
  const std::int32_t* pairs;
};
using ResampleColumns = void (*)(const WeightedRows& source, std::uint8_t* target, int bytes);

}  // namespace pixtok::kernels
