#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/resize/packed_taps.h"

// Taps for a table look-up in sixteen bytes and multiply-adds of 32-bit lanes, four a vector.
namespace pixtok::kernels::quad_taps {

// The form is the number of taps for which sixteen bytes of the source, loaded once, hold one of
// each of four neighbouring positions: the lanes are positions. In memory, for every four of them:
//
//   an int32 a position   index of its first byte, counted from the lowest of the four, less 256:
//                         as bytes  i FF FF FF , where what is out of range gives zero
//   for each tap          the four weights
//
// kByPosition, where positions lie further apart: the lanes are taps of one position. In memory,
// for every position: its weights, and zeros up to a multiple of kTapStep.
inline constexpr int kByPosition = 0;
inline constexpr int kPositions = 4;
inline constexpr int kTapStep = 8;

// Int32s of a position in the form kByPosition.
inline std::size_t position_words(const AxisTaps& taps) {
  return core::round_up(static_cast<std::size_t>(taps.taps), kTapStep);
}

// Throws std::bad_alloc.
void pack(AxisTaps& taps);

}  // namespace pixtok::kernels::quad_taps
