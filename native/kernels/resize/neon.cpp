#if defined(__aarch64__)

#include <arm_neon.h>

#include <algorithm>
#include <cstddef>

#include "kernels/resize/quad_taps.h"
#include "kernels/resize/resize_kernels.h"

namespace pixtok::kernels {

namespace {

using namespace quad_taps;

// Products and sums are 32-bit lanes, as the scalar ones are: a table look-up widens bytes and
// gathers them in one instruction, so that narrower products would save none.

// Rows that go through the horizontal pass at once: what is loaded of the taps serves all of them.
constexpr int kRowsAtOnce = 6;

// Sums to bytes, for weights of kPrecisionBits. The first shift drops what is negative, the second
// rounds, as starting the sums at one half does.
struct FixedScale {
  static constexpr int kFirstShift = 16;
  static constexpr int kSecondShift = kPrecisionBits - kFirstShift;

  explicit FixedScale(int) {}

  inline uint16x8_t shifted(int32x4_t low, int32x4_t high) const {
    return vqshrun_high_n_s32(vqshrun_n_s32(low, kFirstShift), high, kFirstShift);
  }
  inline uint8x8_t half(int32x4_t low, int32x4_t high) const {
    return vqrshrn_n_u16(shifted(low, high), kSecondShift);
  }
  inline uint8x16_t whole(const int32x4_t (&sums)[4]) const {
    return vqrshrn_high_n_u16(half(sums[0], sums[1]), shifted(sums[2], sums[3]), kSecondShift);
  }
};

// The same for any precision: a rounding shift to the right, then two that narrow and clip.
struct AnyScale {
  int32x4_t shift;

  explicit AnyScale(int precision) : shift(vdupq_n_s32(-precision)) {}

  inline uint16x8_t shifted(int32x4_t low, int32x4_t high) const {
    return vqmovun_high_s32(vqmovun_s32(vrshlq_s32(low, shift)), vrshlq_s32(high, shift));
  }
  inline uint8x8_t half(int32x4_t low, int32x4_t high) const {
    return vqmovn_u16(shifted(low, high));
  }
  inline uint8x16_t whole(const int32x4_t (&sums)[4]) const {
    return vqmovn_high_u16(half(sums[0], sums[1]), shifted(sums[2], sums[3]));
  }
};

// Bytes at `indices`, as lanes.
inline int32x4_t gather(uint8x16_t bytes, int32x4_t indices) {
  return vreinterpretq_s32_u8(vqtbl1q_u8(bytes, vreinterpretq_u8_s32(indices)));
}

// Indices of four bytes in a row.
inline int32x4_t indices_from(int first) {
  const std::int32_t ascending[] = {0, 1, 2, 3};
  return vaddq_s32(vld1q_s32(ascending), vdupq_n_s32(first - 256));
}

struct Rows {
  const std::uint8_t* sources[kRowsAtOnce];
  std::uint8_t* targets[kRowsAtOnce];
};

// kTaps is taps.taps where that is known and sixteen bytes hold them all, so that loops are
// unrolled; 0 for any number.
template <typename Scale, int kTaps>
void resample_gathered(const Rows& rows, const AxisTaps& taps) {
  const Scale scale(taps.precision);
  const int count = kTaps > 0 ? kTaps : taps.taps;
  const int count_a_load = kTaps > 0 ? kTaps : taps.packed.form;
  const auto* words = reinterpret_cast<const std::int32_t*>(taps.packed.memory.data());
  for (int x = 0; x < taps.size; x += kPositions) {
    const int32x4_t first_indices = vld1q_s32(words);
    words += kPositions;
    std::ptrdiff_t offset = lowest_first(taps, x, kPositions);
    int32x4_t sums[kRowsAtOnce] = {};
    for (int done = 0; done < count; done += count_a_load, offset += count_a_load) {
      uint8x16_t bytes[kRowsAtOnce];
      for (int row = 0; row < kRowsAtOnce; ++row) bytes[row] = vld1q_u8(rows.sources[row] + offset);
      int32x4_t indices = first_indices;
      const int end = std::min(count - done, count_a_load);
      for (int k = 0; k < end; ++k, words += kPositions) {
        const int32x4_t weights = vld1q_s32(words);
        for (int row = 0; row < kRowsAtOnce; ++row) {
          sums[row] = vmlaq_s32(sums[row], gather(bytes[row], indices), weights);
        }
        indices = vaddq_s32(indices, vdupq_n_s32(1));
      }
    }
    for (int row = 0; row < kRowsAtOnce; row += 2) {
      const uint32x2_t bytes = vreinterpret_u32_u8(scale.half(sums[row], sums[row + 1]));
      vst1_lane_u32(reinterpret_cast<std::uint32_t*>(rows.targets[row] + x), bytes, 0);
      vst1_lane_u32(reinterpret_cast<std::uint32_t*>(rows.targets[row + 1] + x), bytes, 1);
    }
  }
}

using ResampleGathered = void (*)(const Rows&, const AxisTaps&);

constexpr int kUnrolledTaps = 8;
template <typename Scale>
constexpr ResampleGathered kGathered[kUnrolledTaps + 1] = {
    resample_gathered<Scale, 0>, resample_gathered<Scale, 1>, resample_gathered<Scale, 2>,
    resample_gathered<Scale, 3>, resample_gathered<Scale, 4>, resample_gathered<Scale, 5>,
    resample_gathered<Scale, 6>, resample_gathered<Scale, 7>, resample_gathered<Scale, 8>,
};

template <typename Scale>
void resample_by_position(const Rows& rows, const AxisTaps& taps) {
  const Scale scale(taps.precision);
  const std::size_t stride = position_words(taps);
  const auto* position = reinterpret_cast<const std::int32_t*>(taps.packed.memory.data());
  const int32x4_t low_indices = indices_from(0);
  const int32x4_t high_indices = indices_from(4);
  for (int x = 0; x < taps.size; ++x, position += stride) {
    const std::ptrdiff_t first = taps.first[x];
    int32x4_t sums[kRowsAtOnce] = {};
    for (std::ptrdiff_t k = 0; k < taps.count[x]; k += kTapStep) {
      const int32x4_t low_weights = vld1q_s32(position + k);
      const int32x4_t high_weights = vld1q_s32(position + k + 4);
      for (int row = 0; row < kRowsAtOnce; ++row) {
        const uint8x16_t bytes = vld1q_u8(rows.sources[row] + first + k);
        sums[row] = vmlaq_s32(sums[row], gather(bytes, low_indices), low_weights);
        sums[row] = vmlaq_s32(sums[row], gather(bytes, high_indices), high_weights);
      }
    }
    // Pairwise twice: a lane a row.
    const int32x4_t first_four =
        vpaddq_s32(vpaddq_s32(sums[0], sums[1]), vpaddq_s32(sums[2], sums[3]));
    const int32x4_t last_two = vpaddq_s32(vpaddq_s32(sums[4], sums[5]), vdupq_n_s32(0));
    std::uint8_t bytes[8];
    vst1_u8(bytes, scale.half(first_four, last_two));
    for (int row = 0; row < kRowsAtOnce; ++row) rows.targets[row][x] = bytes[row];
  }
}

// kCount is source.count where that is known, so that loops are unrolled; 0 for any number.
template <typename Scale, int kCount>
void weigh_columns(const WeightedRows& source, std::uint8_t* target, int bytes) {
  constexpr int kVectors = 2;  // of sixteen columns
  const Scale scale(source.precision);
  const int count = kCount > 0 ? kCount : source.count;
  const int32x4_t quarters[4] = {indices_from(0), indices_from(4), indices_from(8),
                                 indices_from(12)};
  for (std::ptrdiff_t i = 0; i < bytes; i += 16 * kVectors) {
    int32x4_t sums[kVectors][4] = {};
    for (int k = 0; k < count; ++k) {
      const std::uint8_t* row = source.rows[k] + i;
      const std::int32_t weight = source.weights[k];
      for (int v = 0; v < kVectors; ++v) {
        const uint8x16_t columns = vld1q_u8(row + 16 * v);
        for (int q = 0; q < 4; ++q) {
          sums[v][q] = vmlaq_n_s32(sums[v][q], gather(columns, quarters[q]), weight);
        }
      }
    }
    for (int v = 0; v < kVectors; ++v) vst1q_u8(target + i + 16 * v, scale.whole(sums[v]));
  }
}

constexpr int kUnrolledRows = 6;
template <typename Scale>
constexpr ResampleColumns kWeighColumns[kUnrolledRows + 1] = {
    weigh_columns<Scale, 0>, weigh_columns<Scale, 1>, weigh_columns<Scale, 2>,
    weigh_columns<Scale, 3>, weigh_columns<Scale, 4>, weigh_columns<Scale, 5>,
    weigh_columns<Scale, 6>,
};

template <typename Scale>
void resample_rows(const std::uint8_t* const* sources, std::uint8_t* const* targets, int rows,
                   const AxisTaps& taps) {
  const bool unrolled = taps.taps <= kUnrolledTaps && taps.packed.form == taps.taps;
  const ResampleGathered gathered = kGathered<Scale>[unrolled ? taps.taps : 0];
  for (int row = 0; row < rows; row += kRowsAtOnce) {
    // Missing rows repeat the last one: it is written more than once, with the same bytes.
    Rows some;
    for (int i = 0; i < kRowsAtOnce; ++i) {
      const int at = std::min(row + i, rows - 1);
      some.sources[i] = sources[at];
      some.targets[i] = targets[at];
    }
    if (taps.packed.form == kByPosition) {
      resample_by_position<Scale>(some, taps);
    } else {
      gathered(some, taps);
    }
  }
}

template <typename Scale>
void resample_columns(const WeightedRows& source, std::uint8_t* target, int bytes) {
  kWeighColumns<Scale>[source.count <= kUnrolledRows ? source.count : 0](source, target, bytes);
}

}  // namespace

const ResizeKernels kNeonResize = {pack, resample_rows<FixedScale>, resample_columns<FixedScale>};
const ResizeKernels kNeonShortResize = {pack, resample_rows<AnyScale>, resample_columns<AnyScale>};

}  // namespace pixtok::kernels

#endif
