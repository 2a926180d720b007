#include "kernels/resize/avx512vnni.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstddef>

#include "kernels/resize/scalar.h"
#include "kernels/target_region.h"

PIXTOK_BEGIN_TARGET("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vnni,avx2,fma,f16c")

// Both passes by multiply-adds of four unsigned bytes with four signed ones. A weight is
// (high * 2^8 + middle) * 2^8 + low, three signed digits of 8 bits; the sum is made of the high
// digits first, shifted, then the middle ones, and so on (Horner's rule), modulo 2^32.
namespace pixtok::kernels::avx512vnni {

namespace {

constexpr int kVectorBytes = 64;
constexpr int kOutputs = 16;  // 32-bit sums in a vector
constexpr int kLanes = 4;
constexpr int kLaneBytes = 16;
constexpr int kTapsAtOnce = 4;

// Rounding as the sum of high digits starts with it.
constexpr int kHighRounding = kRounding >> 16;

inline __m512i load(const void* from) { return _mm512_loadu_si512(from); }

// Four taps of four weights each (a digit's bytes in a 32-bit lane).
struct Digits {
  __m512i high;
  __m512i middle;
  __m512i low;
};

inline bool fits_digits(std::int32_t weight) {
  constexpr std::int32_t most = (127 << 16) + (127 << 8) + 127;
  return weight >= -most && weight <= most;
}

// Digit 0 is the low one.
inline std::int8_t digit(std::int32_t weight, int number) {
  for (int i = 0; i < number; ++i) weight = (weight - static_cast<std::int8_t>(weight)) >> 8;
  return static_cast<std::int8_t>(weight);
}

inline __m512i to_values(__m512i sums) { return _mm512_srai_epi32(sums, kPrecisionBits); }

// Sixteen sums as bytes.
inline void store_bytes(std::uint8_t* to, __m512i sums) {
  const __m512i values = _mm512_max_epi32(to_values(sums), _mm512_setzero_si512());
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm512_cvtusepi32_epi8(values));
}

// Horizontal pass. The taps of 16 neighbouring output positions are packed together:
//
//   offsets  where in the row their bytes are loaded
//   steps    for each step over the taps: permutation indices (kNear only), then the high, middle
//            and low digits
//
// kNear (their windows lie within 64 bytes): position i is 32-bit lane i, a step is four of its
// taps. kFar: position 4 * lane + vector is all of a 128-bit lane of one of four vectors, a step is
// sixteen of its taps; the places of a lane are added up at the end. kScalar: weights too large for
// three digits, which no filter has that Pillow knows.
enum Form { kNear, kFar, kScalar };

inline int last_position(const AxisTaps& taps, int position) {
  return position < taps.size ? position : taps.size - 1;
}

inline std::int32_t weight_at(const AxisTaps& taps, int position, int k) {
  return position < taps.size && k >= 0 && k < taps.taps ? taps.weights_of(position)[k] : 0;
}

inline std::int32_t first_of_group(const AxisTaps& taps, int position) {
  std::int32_t first = taps.first[last_position(taps, position)];
  for (int i = 1; i < kOutputs; ++i) {
    const std::int32_t other = taps.first[last_position(taps, position + i)];
    first = other < first ? other : first;
  }
  return first;
}

Form form_of(const AxisTaps& taps) {
  for (const std::int32_t weight : taps.weights) {
    if (!fits_digits(weight)) return kScalar;
  }
  for (int position = 0; position < taps.size; position += kOutputs) {
    const std::int32_t first = first_of_group(taps, position);
    for (int i = 0; i < kOutputs; ++i) {
      const int at = last_position(taps, position + i);
      if (taps.first[at] + taps.count[at] - first > kVectorBytes) return kFar;
    }
  }
  return kNear;
}

struct PackedLayout {
  int groups;   // of 16 positions
  int vectors;  // a group
  int steps;    // a vector
  int parts;    // vectors of memory a step

  PackedLayout(const AxisTaps& taps, int form)
      : groups((taps.size + kOutputs - 1) / kOutputs),
        vectors(form == kNear ? 1 : kLanes),
        steps((taps.taps + (form == kNear ? kTapsAtOnce : kLaneBytes) - 1) /
              (form == kNear ? kTapsAtOnce : kLaneBytes)),
        parts(form == kNear ? 4 : 3) {}

  std::size_t step_bytes() const { return static_cast<std::size_t>(steps) * parts * kVectorBytes; }
  std::size_t offset_bytes() const {
    return core::round_up(static_cast<std::size_t>(groups) * vectors * kLanes * 4, kVectorBytes);
  }
  std::size_t bytes() const { return offset_bytes() + groups * vectors * step_bytes(); }
};

void pack_near(const AxisTaps& taps, const PackedLayout& layout, std::uint8_t* memory) {
  auto* offset = reinterpret_cast<std::int32_t*>(memory);
  std::uint8_t* at = memory + layout.offset_bytes();
  for (int group = 0; group < layout.groups; ++group) {
    const std::int32_t base = first_of_group(taps, group * kOutputs);
    *offset++ = base;
    for (int step = 0; step < layout.steps; ++step, at += 4 * kVectorBytes) {
      for (int place = 0; place < kVectorBytes; ++place) {
        const int output = group * kOutputs + place / kTapsAtOnce;
        const int k = step * kTapsAtOnce + place % kTapsAtOnce;
        const std::int32_t weight = weight_at(taps, output, k);
        // Taps without a weight may point anywhere.
        at[place] = static_cast<std::uint8_t>((taps.first[last_position(taps, output)] - base + k) %
                                              kVectorBytes);
        for (int part = 1; part <= 3; ++part) {
          at[part * kVectorBytes + place] = static_cast<std::uint8_t>(digit(weight, 3 - part));
        }
      }
    }
  }
}

void pack_far(const AxisTaps& taps, const PackedLayout& layout, std::uint8_t* memory) {
  auto* offset = reinterpret_cast<std::int32_t*>(memory);
  std::uint8_t* at = memory + layout.offset_bytes();
  // Windows near the source's end begin further left, with zero weights in front, lest reading
  // leaves the padding behind it.
  const int last_first = taps.source_end - taps.source_begin +
                         static_cast<int>(core::kTailPadding) - layout.steps * kLaneBytes;
  const auto window = [&](int output) {
    const std::int32_t first = taps.first[last_position(taps, output)];
    return first > last_first ? (last_first > 0 ? last_first : 0) : first;
  };
  for (int group = 0; group < layout.groups; ++group) {
    for (int vector = 0; vector < kLanes; ++vector) {
      const auto output_of = [&](int lane) { return group * kOutputs + kLanes * lane + vector; };
      for (int lane = 0; lane < kLanes; ++lane) *offset++ = window(output_of(lane));
      for (int step = 0; step < layout.steps; ++step, at += 3 * kVectorBytes) {
        for (int place = 0; place < kVectorBytes; ++place) {
          const int output = output_of(place / kLaneBytes);
          const int shift = taps.first[last_position(taps, output)] - window(output);
          const int k = step * kLaneBytes + place % kLaneBytes - shift;
          const std::int32_t weight = weight_at(taps, output, k);
          for (int part = 0; part < 3; ++part) {
            at[part * kVectorBytes + place] = static_cast<std::uint8_t>(digit(weight, 2 - part));
          }
        }
      }
    }
  }
}

// The number of steps where it is known: digits and indices then stay in registers from row to row.
template <int kSteps>
void resample_near(const std::uint8_t* const* sources, std::uint8_t* const* targets, int rows,
                   const AxisTaps& taps) {
  const PackedLayout layout(taps, kNear);
  const std::uint8_t* packed = taps.packed.data();
  const auto* offsets = reinterpret_cast<const std::int32_t*>(packed);
  const std::uint8_t* at = packed + layout.offset_bytes();
  for (int group = 0; group < layout.groups; ++group, at += layout.step_bytes()) {
    __m512i indices[kSteps];
    Digits digits[kSteps];
#pragma GCC unroll 8
    for (int step = 0; step < kSteps; ++step) {
      const std::uint8_t* from = at + step * 4 * kVectorBytes;
      indices[step] = load(from);
      digits[step] = {load(from + kVectorBytes), load(from + 2 * kVectorBytes),
                      load(from + 3 * kVectorBytes)};
    }
    for (int row = 0; row < rows; ++row) {
      const __m512i bytes = load(sources[row] + offsets[group]);
      __m512i values[kSteps];
#pragma GCC unroll 8
      for (int step = 0; step < kSteps; ++step) {
        values[step] = _mm512_permutexvar_epi8(indices[step], bytes);
      }
      __m512i sum = _mm512_set1_epi32(kHighRounding);
#pragma GCC unroll 8
      for (int step = 0; step < kSteps; ++step) {
        sum = _mm512_dpbusd_epi32(sum, values[step], digits[step].high);
      }
      sum = _mm512_slli_epi32(sum, 8);
#pragma GCC unroll 8
      for (int step = 0; step < kSteps; ++step) {
        sum = _mm512_dpbusd_epi32(sum, values[step], digits[step].middle);
      }
      sum = _mm512_slli_epi32(sum, 8);
#pragma GCC unroll 8
      for (int step = 0; step < kSteps; ++step) {
        sum = _mm512_dpbusd_epi32(sum, values[step], digits[step].low);
      }
      store_bytes(targets[row] + group * kOutputs, sum);
    }
  }
}

// Sums of the three digits, to be joined.
struct DigitSums {
  __m512i high;
  __m512i middle;
  __m512i low;

  inline void add(__m512i values, const Digits& digits) {
    high = _mm512_dpbusd_epi32(high, values, digits.high);
    middle = _mm512_dpbusd_epi32(middle, values, digits.middle);
    low = _mm512_dpbusd_epi32(low, values, digits.low);
  }

  inline __m512i joined() const {
    const __m512i upper = _mm512_add_epi32(_mm512_slli_epi32(high, 8), middle);
    return _mm512_add_epi32(_mm512_slli_epi32(upper, 8), low);
  }
};

inline DigitSums no_sums() {
  return {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512()};
}

// As resample_near, for more steps than there are registers.
void resample_near_any(const std::uint8_t* const* sources, std::uint8_t* const* targets, int rows,
                       const AxisTaps& taps) {
  const PackedLayout layout(taps, kNear);
  const std::uint8_t* packed = taps.packed.data();
  const auto* offsets = reinterpret_cast<const std::int32_t*>(packed);
  const std::uint8_t* group_steps = packed + layout.offset_bytes();
  for (int group = 0; group < layout.groups; ++group, group_steps += layout.step_bytes()) {
    for (int row = 0; row < rows; ++row) {
      const __m512i bytes = load(sources[row] + offsets[group]);
      DigitSums sums = no_sums();
      const std::uint8_t* at = group_steps;
      for (int step = 0; step < layout.steps; ++step, at += 4 * kVectorBytes) {
        sums.add(
            _mm512_permutexvar_epi8(load(at), bytes),
            {load(at + kVectorBytes), load(at + 2 * kVectorBytes), load(at + 3 * kVectorBytes)});
      }
      const __m512i sum = _mm512_add_epi32(sums.joined(), _mm512_set1_epi32(kRounding));
      store_bytes(targets[row] + group * kOutputs, sum);
    }
  }
}

// Sixteen bytes a lane.
inline __m512i load_lanes(const std::uint8_t* row, const std::int32_t* offsets) {
  const auto lane = [&](int i) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(row + offsets[i]));
  };
  const __m256i low = _mm256_inserti128_si256(_mm256_castsi128_si256(lane(0)), lane(1), 1);
  const __m256i high = _mm256_inserti128_si256(_mm256_castsi128_si256(lane(2)), lane(3), 1);
  return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

// Place i of each lane: the sum of the lane's places of vector i.
inline __m512i sums_of_lanes(const __m512i (&vectors)[4]) {
  const auto halved = [&](__m512i a, __m512i b) {
    return _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
  };
  const __m512i first = halved(vectors[0], vectors[1]);
  const __m512i second = halved(vectors[2], vectors[3]);
  return _mm512_add_epi32(_mm512_unpacklo_epi64(first, second),
                          _mm512_unpackhi_epi64(first, second));
}

void resample_far(const std::uint8_t* const* sources, std::uint8_t* const* targets, int rows,
                  const AxisTaps& taps) {
  const PackedLayout layout(taps, kFar);
  const std::uint8_t* packed = taps.packed.data();
  const auto* offsets = reinterpret_cast<const std::int32_t*>(packed);
  const std::uint8_t* group_steps = packed + layout.offset_bytes();
  for (int group = 0; group < layout.groups; ++group) {
    for (int row = 0; row < rows; ++row) {
      __m512i vectors[kLanes];
      const std::uint8_t* at = group_steps;
#pragma GCC unroll 4
      for (int vector = 0; vector < kLanes; ++vector) {
        DigitSums sums = no_sums();
        const std::uint8_t* source = sources[row];
        for (int step = 0; step < layout.steps; ++step, at += 3 * kVectorBytes) {
          sums.add(load_lanes(source, offsets + vector * kLanes),
                   {load(at), load(at + kVectorBytes), load(at + 2 * kVectorBytes)});
          source += kLaneBytes;
        }
        vectors[vector] = sums.joined();
      }
      const __m512i sum = _mm512_add_epi32(sums_of_lanes(vectors), _mm512_set1_epi32(kRounding));
      store_bytes(targets[row] + group * kOutputs, sum);
    }
    offsets += kLanes * kLanes;
    group_steps += kLanes * layout.step_bytes();
  }
}

// A digit of four weights in every 32-bit lane.
struct RowDigits {
  std::int32_t high;
  std::int32_t middle;
  std::int32_t low;
};

// Of the weights k to k + 3; there may be fewer.
inline RowDigits row_digits(const WeightedRows& source, int k) {
  const int left = source.count - k;
  const __mmask8 mask = static_cast<__mmask8>(left >= kTapsAtOnce ? 15 : (1 << left) - 1);
  __m128i weights = _mm_maskz_loadu_epi32(mask, source.weights + k);
  std::int32_t digits[3];
  for (int i = 0; i < 3; ++i) {
    digits[i] = _mm_cvtsi128_si32(_mm_cvtepi32_epi8(weights));
    const __m128i digit_values = _mm_srai_epi32(_mm_slli_epi32(weights, 24), 24);
    weights = _mm_srai_epi32(_mm_sub_epi32(weights, digit_values), 8);
  }
  return {digits[2], digits[1], digits[0]};
}

// Vertical pass, four rows a step: 64 columns, four of each lane a vector.
struct FourColumns {
  __m512i values[4];
};

inline FourColumns load_columns(const WeightedRows& source, int k, std::ptrdiff_t column) {
  // Where there are fewer rows the last one stands for them, with weight zero.
  const auto row = [&](int i) {
    return load(source.rows[k + i < source.count ? k + i : source.count - 1] + column);
  };
  const __m512i a = row(0);
  const __m512i b = row(1);
  const __m512i c = row(2);
  const __m512i d = row(3);
  const __m512i ab_low = _mm512_unpacklo_epi8(a, b);
  const __m512i ab_high = _mm512_unpackhi_epi8(a, b);
  const __m512i cd_low = _mm512_unpacklo_epi8(c, d);
  const __m512i cd_high = _mm512_unpackhi_epi8(c, d);
  // a0 b0 c0 d0 a1 b1 c1 d1 ... of columns 0-3, 4-7, 8-11 and 12-15 of each lane
  return {{_mm512_unpacklo_epi16(ab_low, cd_low), _mm512_unpackhi_epi16(ab_low, cd_low),
           _mm512_unpacklo_epi16(ab_high, cd_high), _mm512_unpackhi_epi16(ab_high, cd_high)}};
}

inline void store_columns(std::uint8_t* to, const __m512i (&sums)[4]) {
  const __m512i low = _mm512_packs_epi32(to_values(sums[0]), to_values(sums[1]));
  const __m512i high = _mm512_packs_epi32(to_values(sums[2]), to_values(sums[3]));
  _mm512_storeu_si512(to, _mm512_packus_epi16(low, high));
}

template <int kSteps>
void resample_few_columns(const WeightedRows& source, std::uint8_t* target, int bytes) {
  Digits digits[kSteps];
#pragma GCC unroll 4
  for (int step = 0; step < kSteps; ++step) {
    const RowDigits row = row_digits(source, step * kTapsAtOnce);
    digits[step] = {_mm512_set1_epi32(row.high), _mm512_set1_epi32(row.middle),
                    _mm512_set1_epi32(row.low)};
  }
  for (std::ptrdiff_t column = 0; column < bytes; column += kVectorBytes) {
    FourColumns columns[kSteps];
#pragma GCC unroll 4
    for (int step = 0; step < kSteps; ++step) {
      columns[step] = load_columns(source, step * kTapsAtOnce, column);
    }
    __m512i sums[4];
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      __m512i sum = _mm512_set1_epi32(kHighRounding);
#pragma GCC unroll 4
      for (int step = 0; step < kSteps; ++step) {
        sum = _mm512_dpbusd_epi32(sum, columns[step].values[i], digits[step].high);
      }
      sum = _mm512_slli_epi32(sum, 8);
#pragma GCC unroll 4
      for (int step = 0; step < kSteps; ++step) {
        sum = _mm512_dpbusd_epi32(sum, columns[step].values[i], digits[step].middle);
      }
      sum = _mm512_slli_epi32(sum, 8);
#pragma GCC unroll 4
      for (int step = 0; step < kSteps; ++step) {
        sum = _mm512_dpbusd_epi32(sum, columns[step].values[i], digits[step].low);
      }
      sums[i] = sum;
    }
    store_columns(target + column, sums);
  }
}

void resample_many_columns(const WeightedRows& source, std::uint8_t* target, int bytes) {
  for (std::ptrdiff_t column = 0; column < bytes; column += kVectorBytes) {
    DigitSums sums[4] = {no_sums(), no_sums(), no_sums(), no_sums()};
    for (int k = 0; k < source.count; k += kTapsAtOnce) {
      const RowDigits row = row_digits(source, k);
      const Digits digits{_mm512_set1_epi32(row.high), _mm512_set1_epi32(row.middle),
                          _mm512_set1_epi32(row.low)};
      const FourColumns columns = load_columns(source, k, column);
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) sums[i].add(columns.values[i], digits);
    }
    __m512i joined[4];
    for (int i = 0; i < 4; ++i) {
      joined[i] = _mm512_add_epi32(sums[i].joined(), _mm512_set1_epi32(kRounding));
    }
    store_columns(target + column, joined);
  }
}

}  // namespace

void pack_taps(AxisTaps& taps) {
  taps.packed_form = form_of(taps);
  if (taps.packed_form == kScalar) return;
  const PackedLayout layout(taps, taps.packed_form);
  std::uint8_t* memory = taps.packed.reserve(layout.bytes());
  (taps.packed_form == kNear ? pack_near : pack_far)(taps, layout, memory);
}

void resample_rows(const std::uint8_t* const* sources, std::uint8_t* const* targets, int rows,
                   const AxisTaps& taps) {
  if (taps.packed_form == kScalar) return scalar::resample_rows(sources, targets, rows, taps);
  if (taps.packed_form == kFar) return resample_far(sources, targets, rows, taps);
  switch ((taps.taps + kTapsAtOnce - 1) / kTapsAtOnce) {
    case 1:
      return resample_near<1>(sources, targets, rows, taps);
    case 2:
      return resample_near<2>(sources, targets, rows, taps);
    case 3:
      return resample_near<3>(sources, targets, rows, taps);
    case 4:
      return resample_near<4>(sources, targets, rows, taps);
    case 5:
      return resample_near<5>(sources, targets, rows, taps);
    default:
      return resample_near_any(sources, targets, rows, taps);
  }
}

void resample_columns(const WeightedRows& source, std::uint8_t* target, int bytes) {
  for (int k = 0; k < source.count; ++k) {
    if (!fits_digits(source.weights[k])) return scalar::resample_columns(source, target, bytes);
  }
  if (source.count <= kTapsAtOnce) return resample_few_columns<1>(source, target, bytes);
  if (source.count <= 2 * kTapsAtOnce) return resample_few_columns<2>(source, target, bytes);
  resample_many_columns(source, target, bytes);
}

}  // namespace pixtok::kernels::avx512vnni

PIXTOK_END_TARGET

#endif
