#pragma once

#include <cstdint>

#include "kernels/resize/packed_taps.h"

// Taps for multiply-adds of four unsigned bytes with four signed ones, for vectors of 64 bytes. A
// weight is (high * 2^8 + middle) * 2^8 + low, three signed digits of 8 bits; the sum is made of
// the high digits first, shifted, then the middle ones, and so on (Horner's rule), modulo 2^32.
//
// The taps of 16 neighbouring output positions are a group. For each vector of sums of a group
// there are, in this order over all of memory,
//
//   offsets   an int32 (kNear), or one a lane of 16 bytes: where in the row bytes are loaded
//   steps     indices of a byte permutation (kNear only), then the high, the middle and the low
//             digits: a vector each
namespace pixtok::kernels::digit_taps {

// kNear (the group's windows lie within 64 bytes): one vector of sums, position i is 32-bit place
// i, a step is four of its taps. kFar: four vectors, position 4 * lane + vector is all of a lane, a
// step is sixteen of its taps; the places of a lane are added up at the end. kScalar: weights too
// large for three digits, as no filter of Pillow's has; nothing is packed.
enum Form { kNear, kFar, kScalar };

inline constexpr int kVectorBytes = 64;
inline constexpr int kPositions = 16;
inline constexpr int kLanes = 4;
inline constexpr int kLaneBytes = 16;
inline constexpr int kNearTaps = 4;
inline constexpr int kFarTaps = 16;

// Whether three digits hold a weight.
bool fits_digits(std::int32_t weight);

// Throws std::bad_alloc.
void pack(AxisTaps& taps);

}  // namespace pixtok::kernels::digit_taps
