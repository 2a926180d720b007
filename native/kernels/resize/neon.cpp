#include "kernels/resize/neon.h"

#if defined(__aarch64__)

#include <arm_neon.h>

#include <algorithm>
#include <cstddef>

// Both passes by 16-bit multiply-adds. A weight is high * 2^15 + low, both parts 16-bit and low not
// negative: two sums of 32 bits, joined at the end modulo 2^32, are exactly the one sum.
namespace pixtok::kernels::neon {

namespace {

constexpr int kLowBits = 15;
constexpr int kVectorBytes = 16;
constexpr int kPlaces = 4;  // 32-bit sums in a vector

inline std::int16_t high_part(std::int32_t weight) {
  return static_cast<std::int16_t>(weight >> kLowBits);
}

inline std::int16_t low_part(std::int32_t weight) {
  return static_cast<std::int16_t>(weight & ((1 << kLowBits) - 1));
}

struct WordSums {
  int32x4_t high = vdupq_n_s32(0);
  int32x4_t low = vdupq_n_s32(0);

  // The lower and the upper four values by the lower and the upper four weights, into the same
  // sums.
  inline void add(int16x8_t values, int16x8_t high_weights, int16x8_t low_weights) {
    high = vmlal_s16(high, vget_low_s16(values), vget_low_s16(high_weights));
    low = vmlal_s16(low, vget_low_s16(values), vget_low_s16(low_weights));
    high = vmlal_high_s16(high, values, high_weights);
    low = vmlal_high_s16(low, values, low_weights);
  }

  inline void add(int16x4_t values, std::int16_t high_weight, std::int16_t low_weight) {
    high = vmlal_n_s16(high, values, high_weight);
    low = vmlal_n_s16(low, values, low_weight);
  }

  inline int32x4_t joined() const { return vaddq_s32(vshlq_n_s32(high, kLowBits), low); }
};

// Sixteen sums, without rounding yet, as bytes.
inline uint8x16_t to_bytes(const int32x4_t (&sums)[4]) {
  const auto words = [&](int i) {
    return vqmovn_s32(vshrq_n_s32(vaddq_s32(sums[i], vdupq_n_s32(kRounding)), kPrecisionBits));
  };
  const int16x8_t low = vcombine_s16(words(0), words(1));
  const int16x8_t high = vcombine_s16(words(2), words(3));
  return vcombine_u8(vqmovun_s16(low), vqmovun_s16(high));
}

// Horizontal pass. The taps of 16 output positions are packed together:
//
//   offsets  where in the row the bytes of each vector are loaded
//   steps    for each step over the taps: table indices (but kWide), high and low parts of weights
//
// kNarrow and kMedium (the windows of four neighbouring positions lie within 16 or 32 bytes): a
// vector is four positions, a step two taps of each, in the lower and the upper half of its lanes.
// kWide: a vector is one position, a step eight of its taps, added up at the end.
enum Form { kNarrow, kMedium, kWide };

constexpr int kWideTaps = 8;

inline int last_position(const AxisTaps& taps, int position) {
  return std::min(position, taps.size - 1);
}

inline std::int32_t weight_at(const AxisTaps& taps, int position, int k) {
  return position < taps.size && k >= 0 && k < taps.taps ? taps.weights_of(position)[k] : 0;
}

inline std::int32_t first_of_four(const AxisTaps& taps, int position) {
  std::int32_t first = taps.first[last_position(taps, position)];
  for (int i = 1; i < kPlaces; ++i) {
    first = std::min(first, taps.first[last_position(taps, position + i)]);
  }
  return first;
}

Form form_of(const AxisTaps& taps) {
  int widest = 0;
  for (int position = 0; position < taps.size; position += kPlaces) {
    const std::int32_t first = first_of_four(taps, position);
    for (int i = 0; i < kPlaces; ++i) {
      const int at = last_position(taps, position + i);
      widest = std::max(widest, taps.first[at] + taps.count[at] - first);
    }
  }
  if (widest <= kVectorBytes) return kNarrow;
  return widest <= 2 * kVectorBytes ? kMedium : kWide;
}

struct PackedLayout {
  int sets;     // of 16 positions
  int vectors;  // a set
  int steps;    // a vector
  int parts;    // vectors of memory a step

  PackedLayout(const AxisTaps& taps, int form)
      : sets((taps.size + kVectorBytes - 1) / kVectorBytes),
        vectors(form == kWide ? kVectorBytes : kVectorBytes / kPlaces),
        steps(form == kWide ? (taps.taps + kWideTaps - 1) / kWideTaps : (taps.taps + 1) / 2),
        parts(form == kWide ? 2 : 3) {}

  std::size_t step_bytes() const { return static_cast<std::size_t>(steps) * parts * kVectorBytes; }
  std::size_t offset_bytes() const { return static_cast<std::size_t>(sets) * vectors * 4; }
  std::size_t bytes() const { return offset_bytes() + sets * vectors * step_bytes(); }
};

void pack_tables(const AxisTaps& taps, const PackedLayout& layout, std::uint8_t* memory) {
  constexpr std::uint8_t kZero = 0xFF;  // an index beyond every table
  auto* offset = reinterpret_cast<std::int32_t*>(memory);
  std::uint8_t* at = memory + layout.offset_bytes();
  for (int position = 0; position < layout.sets * kVectorBytes; position += kPlaces) {
    const std::int32_t base = first_of_four(taps, position);
    *offset++ = base;
    for (int step = 0; step < layout.steps; ++step, at += 3 * kVectorBytes) {
      auto* high = reinterpret_cast<std::int16_t*>(at + kVectorBytes);
      auto* low = reinterpret_cast<std::int16_t*>(at + 2 * kVectorBytes);
      for (int lane = 0; lane < 2 * kPlaces; ++lane) {
        const int output = position + lane % kPlaces;
        const int k = 2 * step + lane / kPlaces;
        const std::int32_t weight = weight_at(taps, output, k);
        const std::int32_t source = taps.first[last_position(taps, output)] - base + k;
        at[2 * lane] = weight == 0 ? kZero : static_cast<std::uint8_t>(source);
        at[2 * lane + 1] = kZero;
        high[lane] = high_part(weight);
        low[lane] = low_part(weight);
      }
    }
  }
}

void pack_wide(const AxisTaps& taps, const PackedLayout& layout, std::uint8_t* memory) {
  auto* offset = reinterpret_cast<std::int32_t*>(memory);
  std::uint8_t* at = memory + layout.offset_bytes();
  // Windows near the source's end begin further left, with zero weights in front, lest reading
  // leaves the padding behind it.
  const int last_first =
      std::max(0, taps.source_end - taps.source_begin + static_cast<int>(core::kTailPadding) -
                      layout.steps * kWideTaps);
  for (int position = 0; position < layout.sets * kVectorBytes; ++position) {
    const std::int32_t first = taps.first[last_position(taps, position)];
    const std::int32_t window = std::min(first, last_first);
    *offset++ = window;
    for (int step = 0; step < layout.steps; ++step, at += 2 * kVectorBytes) {
      auto* high = reinterpret_cast<std::int16_t*>(at);
      auto* low = reinterpret_cast<std::int16_t*>(at + kVectorBytes);
      for (int lane = 0; lane < kWideTaps; ++lane) {
        const std::int32_t weight =
            weight_at(taps, position, kWideTaps * step + lane - (first - window));
        high[lane] = high_part(weight);
        low[lane] = low_part(weight);
      }
    }
  }
}

inline int16x8_t load_words(const std::uint8_t* at) {
  return vld1q_s16(reinterpret_cast<const std::int16_t*>(at));
}

// The bytes of four positions' windows, kVectors vectors of them.
template <int kVectors>
struct Window;

template <>
struct Window<1> {
  uint8x16_t bytes;
  explicit Window(const std::uint8_t* from) : bytes(vld1q_u8(from)) {}
  inline uint8x16_t pick(uint8x16_t indices) const { return vqtbl1q_u8(bytes, indices); }
};

template <>
struct Window<2> {
  uint8x16x2_t bytes;
  explicit Window(const std::uint8_t* from) : bytes{{vld1q_u8(from), vld1q_u8(from + 16)}} {}
  inline uint8x16_t pick(uint8x16_t indices) const { return vqtbl2q_u8(bytes, indices); }
};

template <int kVectors>
void resample_by_tables(const std::uint8_t* const* sources, std::uint8_t* const* targets, int rows,
                        const AxisTaps& taps, const PackedLayout& layout) {
  const std::uint8_t* packed = taps.packed.data();
  const auto* offsets = reinterpret_cast<const std::int32_t*>(packed);
  const std::uint8_t* set_steps = packed + layout.offset_bytes();
  for (int set = 0; set < layout.sets; ++set) {
    for (int row = 0; row < rows; ++row) {
      int32x4_t sums[4];
      const std::uint8_t* at = set_steps;
#pragma GCC unroll 4
      for (int vector = 0; vector < 4; ++vector) {
        const Window<kVectors> window(sources[row] + offsets[vector]);
        WordSums sum;
        for (int step = 0; step < layout.steps; ++step, at += 3 * kVectorBytes) {
          const int16x8_t values = vreinterpretq_s16_u8(window.pick(vld1q_u8(at)));
          sum.add(values, load_words(at + kVectorBytes), load_words(at + 2 * kVectorBytes));
        }
        sums[vector] = sum.joined();
      }
      vst1q_u8(targets[row] + set * kVectorBytes, to_bytes(sums));
    }
    offsets += layout.vectors;
    set_steps += layout.vectors * layout.step_bytes();
  }
}

void resample_wide(const std::uint8_t* const* sources, std::uint8_t* const* targets, int rows,
                   const AxisTaps& taps, const PackedLayout& layout) {
  const std::uint8_t* packed = taps.packed.data();
  const auto* offsets = reinterpret_cast<const std::int32_t*>(packed);
  const std::uint8_t* set_steps = packed + layout.offset_bytes();
  for (int set = 0; set < layout.sets; ++set) {
    for (int row = 0; row < rows; ++row) {
      int32x4_t sums[4];
      const std::uint8_t* at = set_steps;
      for (int four = 0; four < 4; ++four) {
        int32x4_t parts[kPlaces];
#pragma GCC unroll 4
        for (int i = 0; i < kPlaces; ++i) {
          const std::uint8_t* source = sources[row] + offsets[kPlaces * four + i];
          WordSums sum;
          for (int step = 0; step < layout.steps; ++step, at += 2 * kVectorBytes) {
            const int16x8_t values = vreinterpretq_s16_u16(vmovl_u8(vld1_u8(source)));
            sum.add(values, load_words(at), load_words(at + kVectorBytes));
            source += kWideTaps;
          }
          parts[i] = sum.joined();
        }
        sums[four] = vpaddq_s32(vpaddq_s32(parts[0], parts[1]), vpaddq_s32(parts[2], parts[3]));
      }
      vst1q_u8(targets[row] + set * kVectorBytes, to_bytes(sums));
    }
    offsets += layout.vectors;
    set_steps += layout.vectors * layout.step_bytes();
  }
}

}  // namespace

void pack_taps(AxisTaps& taps) {
  taps.packed_form = form_of(taps);
  const PackedLayout layout(taps, taps.packed_form);
  std::uint8_t* memory = taps.packed.reserve(layout.bytes());
  (taps.packed_form == kWide ? pack_wide : pack_tables)(taps, layout, memory);
}

void resample_rows(const std::uint8_t* const* sources, std::uint8_t* const* targets, int rows,
                   const AxisTaps& taps) {
  const PackedLayout layout(taps, taps.packed_form);
  switch (taps.packed_form) {
    case kNarrow:
      return resample_by_tables<1>(sources, targets, rows, taps, layout);
    case kMedium:
      return resample_by_tables<2>(sources, targets, rows, taps, layout);
    default:
      return resample_wide(sources, targets, rows, taps, layout);
  }
}

void resample_columns(const WeightedRows& source, std::uint8_t* target, int bytes) {
  for (std::ptrdiff_t column = 0; column < bytes; column += kVectorBytes) {
    WordSums sums[4];
    for (int k = 0; k < source.count; ++k) {
      const std::int16_t high = high_part(source.weights[k]);
      const std::int16_t low = low_part(source.weights[k]);
      const uint8x16_t row = vld1q_u8(source.rows[k] + column);
      const int16x8_t lower = vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(row)));
      const int16x8_t upper = vreinterpretq_s16_u16(vmovl_u8(vget_high_u8(row)));
      sums[0].add(vget_low_s16(lower), high, low);
      sums[1].add(vget_high_s16(lower), high, low);
      sums[2].add(vget_low_s16(upper), high, low);
      sums[3].add(vget_high_s16(upper), high, low);
    }
    const int32x4_t joined[4] = {sums[0].joined(), sums[1].joined(), sums[2].joined(),
                                 sums[3].joined()};
    vst1q_u8(target + column, to_bytes(joined));
  }
}

}  // namespace pixtok::kernels::neon

#endif
