#include "kernels/resize/quad_taps.h"

#include <cstdlib>

#include "core/aligned_buffer.h"

namespace pixtok::kernels::quad_taps {

namespace {

constexpr int kLoadedBytes = 16;

// Positions near a row's end have fewer taps than others, and are read as if they had as many.
constexpr int kMaxGatheredTaps = static_cast<int>(core::kTailPadding) - kLoadedBytes;

int widest_gap(const AxisTaps& taps) {
  std::int32_t widest = 0;
  for (int x = 0; x < taps.size; x += kPositions) {
    const std::int32_t last = taps.first[last_position(taps, x + kPositions - 1)];
    widest = std::max(widest, std::abs(last - taps.first[x]));
  }
  return widest;
}

std::int32_t* reserve_words(AxisTaps& taps, std::size_t words) {
  return reinterpret_cast<std::int32_t*>(taps.packed.memory.reserve(words * sizeof(std::int32_t)));
}

void pack_gathered(AxisTaps& taps) {
  const std::size_t positions = core::round_up(static_cast<std::size_t>(taps.size), kPositions);
  std::int32_t* words = reserve_words(taps, positions * (1 + static_cast<std::size_t>(taps.taps)));
  for (int x = 0; x < taps.size; x += kPositions) {
    const std::int32_t lowest = lowest_first(taps, x, kPositions);
    for (int lane = 0; lane < kPositions; ++lane) {
      *words++ = taps.first[last_position(taps, x + lane)] - lowest - 256;
    }
    for (int k = 0; k < taps.taps; ++k) {
      for (int lane = 0; lane < kPositions; ++lane) {
        *words++ = taps.weights_of(last_position(taps, x + lane))[k];
      }
    }
  }
}

void pack_by_position(AxisTaps& taps) {
  const std::size_t stride = position_words(taps);
  std::int32_t* words = reserve_words(taps, static_cast<std::size_t>(taps.size) * stride);
  for (int x = 0; x < taps.size; ++x, words += stride) {
    std::fill_n(std::copy_n(taps.weights_of(x), taps.taps, words), stride - taps.taps, 0);
  }
}

}  // namespace

void pack(AxisTaps& taps) {
  const int taps_a_load = kLoadedBytes - widest_gap(taps);
  if (taps_a_load > 0 && taps.taps <= kMaxGatheredTaps) {
    taps.packed.form = std::min(taps_a_load, taps.taps);
    pack_gathered(taps);
  } else {
    taps.packed.form = kByPosition;
    pack_by_position(taps);
  }
}

}  // namespace pixtok::kernels::quad_taps
