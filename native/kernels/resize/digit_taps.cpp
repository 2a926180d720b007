#include "kernels/resize/digit_taps.h"

#include <algorithm>
#include <cstddef>

#include "core/aligned_buffer.h"

namespace pixtok::kernels::digit_taps {

namespace {

// Digit 0 is the low one.
std::int8_t digit(std::int32_t weight, int number) {
  for (int i = 0; i < number; ++i) weight = (weight - static_cast<std::int8_t>(weight)) >> 8;
  return static_cast<std::int8_t>(weight);
}

Form form_of(const AxisTaps& taps) {
  if (!std::all_of(taps.weights.begin(), taps.weights.end(), fits_digits)) return kScalar;
  for (int position = 0; position < taps.size; position += kPositions) {
    const std::int32_t first = lowest_first(taps, position, kPositions);
    for (int i = 0; i < kPositions; ++i) {
      const int at = last_position(taps, position + i);
      if (taps.first[at] + taps.count[at] - first > kVectorBytes) return kFar;
    }
  }
  return kNear;
}

// All three digits of a weight, in a byte of the three vectors from `at` on.
void put_digits(std::uint8_t* at, int place, std::int32_t weight) {
  for (int part = 0; part < 3; ++part) {
    at[part * kVectorBytes + place] = static_cast<std::uint8_t>(digit(weight, 2 - part));
  }
}

void pack_near(const AxisTaps& taps, std::uint8_t* memory) {
  const PackedTaps& packed = taps.packed;
  auto* offset = reinterpret_cast<std::int32_t*>(memory);
  std::uint8_t* at = memory + packed.offset_bytes;
  for (int group = 0; group < packed.groups; ++group) {
    const std::int32_t base = lowest_first(taps, group * kPositions, kPositions);
    *offset++ = base;
    for (int step = 0; step < packed.steps; ++step, at += 4 * kVectorBytes) {
      for (int place = 0; place < kVectorBytes; ++place) {
        const int output = group * kPositions + place / kNearTaps;
        const int k = step * kNearTaps + place % kNearTaps;
        // Taps without a weight may point anywhere.
        at[place] = static_cast<std::uint8_t>((taps.first[last_position(taps, output)] - base + k) %
                                              kVectorBytes);
        put_digits(at + kVectorBytes, place, weight_at(taps, output, k));
      }
    }
  }
}

void pack_far(const AxisTaps& taps, std::uint8_t* memory) {
  const PackedTaps& packed = taps.packed;
  auto* offset = reinterpret_cast<std::int32_t*>(memory);
  std::uint8_t* at = memory + packed.offset_bytes;
  const auto first_of = [&](int output) {
    return padded_first(taps, output, packed.steps * kFarTaps);
  };
  for (int group = 0; group < packed.groups; ++group) {
    for (int vector = 0; vector < kLanes; ++vector) {
      const auto output_of = [&](int lane) { return group * kPositions + kLanes * lane + vector; };
      for (int lane = 0; lane < kLanes; ++lane) *offset++ = first_of(output_of(lane));
      for (int step = 0; step < packed.steps; ++step, at += 3 * kVectorBytes) {
        for (int place = 0; place < kVectorBytes; ++place) {
          const int output = output_of(place / kLaneBytes);
          const int shift = taps.first[last_position(taps, output)] - first_of(output);
          const int k = step * kFarTaps + place % kLaneBytes - shift;
          put_digits(at, place, weight_at(taps, output, k));
        }
      }
    }
  }
}

}  // namespace

bool fits_digits(std::int32_t weight) {
  constexpr std::int32_t largest = (127 << 16) + (127 << 8) + 127;
  return weight >= -largest && weight <= largest;
}

void pack(AxisTaps& taps) {
  PackedTaps& packed = taps.packed;
  packed.form = form_of(taps);
  if (packed.form == kScalar) return;
  const bool near_by = packed.form == kNear;
  const int taps_a_step = near_by ? kNearTaps : kFarTaps;
  const int vectors = near_by ? 1 : kLanes;
  const int parts = near_by ? 4 : 3;
  packed.groups = (taps.size + kPositions - 1) / kPositions;
  packed.steps = (taps.taps + taps_a_step - 1) / taps_a_step;
  packed.step_bytes = static_cast<std::size_t>(packed.steps) * parts * kVectorBytes;
  const std::size_t sums = static_cast<std::size_t>(packed.groups) * vectors;
  packed.offset_bytes = core::round_up(sums * kLanes * 4, kVectorBytes);
  std::uint8_t* memory = packed.memory.reserve(packed.offset_bytes + sums * packed.step_bytes);
  (near_by ? pack_near : pack_far)(taps, memory);
}

}  // namespace pixtok::kernels::digit_taps
