#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/aligned_buffer.h"

namespace pixtok::kernels {

// Taps in the order in which a kernel's horizontal pass reads them. The files *_taps.h here say
// what the orders are; a kernel packs in one and reads that one alone.
struct PackedTaps {
  int form = 0;                  // which of the order's forms
  int groups = 0;                // of neighbouring output positions
  int steps = 0;                 // over the taps, of one vector of sums
  int steps_a_load = 0;          // that take the bytes of one load, where the form says so
  std::size_t step_bytes = 0;    // of all steps of one vector of sums
  std::size_t offset_bytes = 0;  // of the offsets, which come first
  core::ScratchBuffer memory;
};

// The taps of every output position on one axis: position i is the weighted sum of count[i] source
// positions from source_begin + first[i] on, in fixed point.
struct AxisTaps {
  int precision = 0;     // fraction bits of the weights, at least 1
  int size = 0;          // output positions
  int taps = 0;          // the most that a position has
  int source_begin = 0;  // the part of the source that is read; begins at an even position
  int source_end = 0;
  std::vector<std::int32_t> first;
  std::vector<std::int32_t> count;
  std::vector<std::int32_t> weights;  // `taps` a position, zero beyond its own

  const std::int32_t* weights_of(int position) const {
    return &weights[static_cast<std::size_t>(position) * static_cast<std::size_t>(taps)];
  }

  PackedTaps packed;
};

// The last position stands for those past it, which fall into the padding of a row.
inline int last_position(const AxisTaps& taps, int position) {
  return position < taps.size ? position : taps.size - 1;
}

// The lowest first source position of `count` neighbouring positions: positions go up, or down
// where the axis is reversed.
inline std::int32_t lowest_first(const AxisTaps& taps, int position, int count) {
  return std::min(taps.first[last_position(taps, position)],
                  taps.first[last_position(taps, position + count - 1)]);
}

// Where a position's taps are read from, `bytes` at a time and at least as many as it has.
// Positions near the source's end begin further left, with zero weights in front: reading must not
// leave the padding behind the source.
inline std::int32_t padded_first(const AxisTaps& taps, int position, int bytes) {
  const int last_first =
      taps.source_end - taps.source_begin + static_cast<int>(core::kTailPadding) - bytes;
  return std::min(taps.first[last_position(taps, position)], std::max(last_first, 0));
}

// Weight k of a position, zero where there is none.
inline std::int32_t weight_at(const AxisTaps& taps, int position, int k) {
  return position < taps.size && k >= 0 && k < taps.taps ? taps.weights_of(position)[k] : 0;
}

}  // namespace pixtok::kernels
