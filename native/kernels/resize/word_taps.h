#pragma once

#include <cstddef>

#include "core/aligned_buffer.h"
#include "kernels/resize/packed_taps.h"

// Taps for multiply-adds of 16-bit lanes, two neighbouring ones into a 32-bit place. A weight of
// kPrecisionBits is high * 2^15 + low, both parts 16-bit and low not negative: two sums of 16-bit
// products, joined at the end modulo 2^32, are exactly the one sum of 32-bit products. A weight of
// 16 bits is one part.
//
// A vector has lanes of 16 bytes. The taps of as many output positions as a vector has bytes are a
// group; position 16 * lane + 4 * vector + place of a group is
//
//   vector         0           1           2           3       of sums
//   lane 0    p0 p1 p2 p3  p4 p5 p6 p7  p8 ..  p11  p12 .. p15
//   lane 1    p16 .. p19   p20 .. p23   ...
//
// For each vector of sums of a group there are, in this order over all of memory,
//
//   offsets   an int32 a lane: where in the row its bytes are loaded
//   steps     indices of a byte shuffle (but kWide), then the weights, or their high parts and
//             then their low ones: a vector each
namespace pixtok::kernels::word_taps {

// kNarrow and kSliding: a place is a position, a step is two of its taps. The bytes are loaded once
// where the windows of the lane's four positions lie within 16 bytes (kNarrow), otherwise for every
// `steps_a_load` steps, as many taps further on (kSliding).
//
// kWide: sixteen vectors of sums in place of four. Position 16 * lane + vector is all of a lane, a
// step is eight of its taps, already 16-bit lanes; the places of a lane are added up at the end.
enum Form { kNarrow, kSliding, kWide };

inline constexpr int kLowBits = 15;
inline constexpr int kLaneBytes = 16;
inline constexpr int kNarrowTaps = 2;
inline constexpr int kWideTaps = 8;
inline constexpr int kNarrowVectors = 4;
inline constexpr int kWideVectors = 16;

// Throws std::bad_alloc. Preconditions: `vector_bytes` is a multiple of kLaneBytes; `parts` of a
// weight are 2, or 1 where all weights have 16 bits.
void pack(AxisTaps& taps, int vector_bytes, int parts);

}  // namespace pixtok::kernels::word_taps
