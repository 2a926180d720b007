#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/aligned_buffer.h"

namespace pixtok::kernels {

// The taps of every output position on one axis: position i is the weighted sum of count[i] source
// positions from source_begin + first[i] on. Weights are fixed point with kPrecisionBits.
struct AxisTaps {
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

  // What PackTaps makes of them for the horizontal pass: a kernel's own.
  core::ScratchBuffer packed;
  int packed_form = 0;
};

}  // namespace pixtok::kernels
