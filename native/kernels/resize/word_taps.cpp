#include "kernels/resize/word_taps.h"

#include <algorithm>
#include <cstring>

namespace pixtok::kernels::word_taps {

namespace {

// The last step of a lane may load this far behind its first byte without leaving the padding.
constexpr int kMaxSlidingTaps = core::kTailPadding - kLaneBytes;

constexpr int kPlaces = 4;            // of 32 bits, in a lane
constexpr std::uint8_t kZero = 0x80;  // index of a shuffle that gives a zero byte

// Bytes from the first one of four positions' windows to the last of the first `max_taps` of each.
int widest_window(const AxisTaps& taps, int max_taps) {
  int widest = 0;
  for (int position = 0; position < taps.size; position += kPlaces) {
    const std::int32_t first = lowest_first(taps, position, kPlaces);
    for (int i = 0; i < kPlaces; ++i) {
      const int at = last_position(taps, position + i);
      widest = std::max(widest, taps.first[at] + std::min(taps.count[at], max_taps) - first);
    }
  }
  return widest;
}

// How many steps the bytes of one load serve, whatever the load; 0 where not even one.
int steps_a_load(const AxisTaps& taps) {
  int steps = 0;
  while (kNarrowTaps * steps < taps.taps &&
         widest_window(taps, kNarrowTaps * (steps + 1)) <= kLaneBytes) {
    ++steps;
  }
  return steps;
}

void put_word(std::uint8_t* at, std::int32_t value) {
  const auto word = static_cast<std::int16_t>(value);
  std::memcpy(at, &word, sizeof word);
}

// Where and how two weights go into a 32-bit place of one vector, or of two.
struct WeightPlaces {
  int vector_bytes;
  int parts;

  void put(std::uint8_t* at, int place, std::int32_t even, std::int32_t odd) const {
    constexpr std::int32_t low_mask = (1 << kLowBits) - 1;
    at += 4 * place;
    if (parts == 1) {
      put_word(at, even);
      put_word(at + 2, odd);
      return;
    }
    put_word(at, even >> kLowBits);
    put_word(at + 2, odd >> kLowBits);
    put_word(at + vector_bytes, even & low_mask);
    put_word(at + vector_bytes + 2, odd & low_mask);
  }
};

void pack_shuffled(const AxisTaps& taps, const WeightPlaces& weights, std::uint8_t* memory) {
  const int vector_bytes = weights.vector_bytes;
  const PackedTaps& packed = taps.packed;
  const int lanes = vector_bytes / kLaneBytes;
  auto* offset = reinterpret_cast<std::int32_t*>(memory);
  std::uint8_t* at = memory + packed.offset_bytes;
  for (int group = 0; group < packed.groups; ++group) {
    for (int vector = 0; vector < kNarrowVectors; ++vector) {
      const auto position = [&](int lane) {
        return group * vector_bytes + kLaneBytes * lane + kPlaces * vector;
      };
      for (int lane = 0; lane < lanes; ++lane)
        *offset++ = lowest_first(taps, position(lane), kPlaces);
      for (int step = 0; step < packed.steps; ++step, at += (1 + weights.parts) * vector_bytes) {
        for (int place = 0; place < kPlaces * lanes; ++place) {
          const int first = position(place / kPlaces);
          const int output = first + place % kPlaces;
          const int k = kNarrowTaps * step;
          const int source = taps.first[last_position(taps, output)] -
                             lowest_first(taps, first, kPlaces) +
                             kNarrowTaps * (step % packed.steps_a_load);
          // Each byte is followed by a zero byte. Taps without a weight may point anywhere.
          const std::uint8_t indices[] = {static_cast<std::uint8_t>(source & 15), kZero,
                                          static_cast<std::uint8_t>((source + 1) & 15), kZero};
          std::memcpy(at + 4 * place, indices, sizeof indices);
          weights.put(at + vector_bytes, place, weight_at(taps, output, k),
                      weight_at(taps, output, k + 1));
        }
      }
    }
  }
}

void pack_wide(const AxisTaps& taps, const WeightPlaces& weights, std::uint8_t* memory) {
  const int vector_bytes = weights.vector_bytes;
  const PackedTaps& packed = taps.packed;
  const int lanes = vector_bytes / kLaneBytes;
  auto* offset = reinterpret_cast<std::int32_t*>(memory);
  std::uint8_t* at = memory + packed.offset_bytes;
  const auto first_of = [&](int output) {
    return padded_first(taps, output, packed.steps * kWideTaps);
  };
  for (int group = 0; group < packed.groups; ++group) {
    for (int vector = 0; vector < kWideVectors; ++vector) {
      const auto output_of = [&](int lane) {
        return group * vector_bytes + kLaneBytes * lane + vector;
      };
      for (int lane = 0; lane < lanes; ++lane) *offset++ = first_of(output_of(lane));
      for (int step = 0; step < packed.steps; ++step, at += weights.parts * vector_bytes) {
        for (int place = 0; place < kPlaces * lanes; ++place) {
          const int output = output_of(place / kPlaces);
          const int shift = taps.first[last_position(taps, output)] - first_of(output);
          const int k = kWideTaps * step + 2 * (place % kPlaces) - shift;
          weights.put(at, place, weight_at(taps, output, k), weight_at(taps, output, k + 1));
        }
      }
    }
  }
}

}  // namespace

void pack(AxisTaps& taps, int vector_bytes, int parts) {
  PackedTaps& packed = taps.packed;
  packed.steps_a_load = steps_a_load(taps);
  if (kNarrowTaps * packed.steps_a_load >= taps.taps) {
    packed.form = kNarrow;
  } else {
    packed.form = packed.steps_a_load > 0 && taps.taps <= kMaxSlidingTaps ? kSliding : kWide;
  }
  const bool wide = packed.form == kWide;
  const int taps_a_step = wide ? kWideTaps : kNarrowTaps;
  const int vectors = wide ? kWideVectors : kNarrowVectors;
  const int step_vectors = wide ? parts : 1 + parts;
  const auto bytes = static_cast<std::size_t>(vector_bytes);
  packed.groups = (taps.size + vector_bytes - 1) / vector_bytes;
  packed.steps = (taps.taps + taps_a_step - 1) / taps_a_step;
  packed.step_bytes = static_cast<std::size_t>(packed.steps) * step_vectors * bytes;
  const std::size_t sums = static_cast<std::size_t>(packed.groups) * vectors;
  packed.offset_bytes = core::round_up(sums * (bytes / kLaneBytes) * 4, bytes);
  std::uint8_t* memory = packed.memory.reserve(packed.offset_bytes + sums * packed.step_bytes);
  (wide ? pack_wide : pack_shuffled)(taps, {vector_bytes, parts}, memory);
}

}  // namespace pixtok::kernels::word_taps
