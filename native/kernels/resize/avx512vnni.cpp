#if defined(__x86_64__)

#include <immintrin.h>

#include <cstddef>

#include "kernels/resize/digit_taps.h"
#include "kernels/resize/resize_kernels.h"
#include "kernels/target_region.h"

PIXTOK_BEGIN_TARGET("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vnni,avx2,fma,f16c")

// Both passes by multiply-adds of four unsigned bytes with four signed ones (digit_taps.h).
namespace pixtok::kernels {

#include "kernels/avx512_vector.inl"
#include "kernels/resize/x86_lane_sums.inl"

namespace {

using namespace digit_taps;

constexpr std::int32_t kRounding = 1 << (kPrecisionBits - 1);

// Rounding as the sum of high digits starts with it.
constexpr int kHighRounding = kRounding >> 16;

// Four taps of four weights each (a digit's bytes in a 32-bit lane).
struct Digits {
  __m512i high;
  __m512i middle;
  __m512i low;
};

inline __m512i to_values(__m512i sums) { return _mm512_srai_epi32(sums, kPrecisionBits); }

// Sixteen sums as bytes.
inline void store_bytes(std::uint8_t* to, __m512i sums) {
  const __m512i values = _mm512_max_epi32(to_values(sums), _mm512_setzero_si512());
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm512_cvtusepi32_epi8(values));
}

// Horizontal pass. The number of steps where it is known: digits and indices then stay in registers
// from row to row.
template <int kSteps>
void resample_near(const std::uint8_t* const* sources, std::uint8_t* const* targets, int rows,
                   const AxisTaps& taps) {
  const std::uint8_t* memory = taps.packed.memory.data();
  const auto* offsets = reinterpret_cast<const std::int32_t*>(memory);
  const std::uint8_t* at = memory + taps.packed.offset_bytes;
  for (int group = 0; group < taps.packed.groups; ++group, at += taps.packed.step_bytes) {
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
        // place i of 32 bits: four taps of position i, wherever they are among the 64 bytes
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
      store_bytes(targets[row] + group * kPositions, sum);
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
  const std::uint8_t* memory = taps.packed.memory.data();
  const auto* offsets = reinterpret_cast<const std::int32_t*>(memory);
  const std::uint8_t* group_steps = memory + taps.packed.offset_bytes;
  for (int group = 0; group < taps.packed.groups; ++group, group_steps += taps.packed.step_bytes) {
    for (int row = 0; row < rows; ++row) {
      const __m512i bytes = load(sources[row] + offsets[group]);
      DigitSums sums = no_sums();
      const std::uint8_t* at = group_steps;
      for (int step = 0; step < taps.packed.steps; ++step, at += 4 * kVectorBytes) {
        sums.add(
            _mm512_permutexvar_epi8(load(at), bytes),
            {load(at + kVectorBytes), load(at + 2 * kVectorBytes), load(at + 3 * kVectorBytes)});
      }
      const __m512i sum = _mm512_add_epi32(sums.joined(), _mm512_set1_epi32(kRounding));
      store_bytes(targets[row] + group * kPositions, sum);
    }
  }
}

void resample_far(const std::uint8_t* const* sources, std::uint8_t* const* targets, int rows,
                  const AxisTaps& taps) {
  const std::uint8_t* memory = taps.packed.memory.data();
  const auto* offsets = reinterpret_cast<const std::int32_t*>(memory);
  const std::uint8_t* group_steps = memory + taps.packed.offset_bytes;
  for (int group = 0; group < taps.packed.groups; ++group) {
    for (int row = 0; row < rows; ++row) {
      __m512i vectors[kLanes];
      const std::uint8_t* at = group_steps;
#pragma GCC unroll 4
      for (int vector = 0; vector < kLanes; ++vector) {
        DigitSums sums = no_sums();
        const std::uint8_t* source = sources[row];
        for (int step = 0; step < taps.packed.steps; ++step, at += 3 * kVectorBytes) {
          sums.add(load_lanes(source, offsets + vector * kLanes),
                   {load(at), load(at + kVectorBytes), load(at + 2 * kVectorBytes)});
          source += kLaneBytes;
        }
        vectors[vector] = sums.joined();
      }
      const __m512i sum = _mm512_add_epi32(sums_of_lanes(vectors), _mm512_set1_epi32(kRounding));
      store_bytes(targets[row] + group * kPositions, sum);
    }
    offsets += kLanes * kLanes;
    group_steps += kLanes * taps.packed.step_bytes;
  }
}

// A digit of four weights in every 32-bit lane.
struct RowDigits {
  std::int32_t high;
  std::int32_t middle;
  std::int32_t low;
};

// The digits of weights k to k + 3; there may be fewer.
inline RowDigits row_digits(const WeightedRows& source, int k) {
  const int left = source.count - k;
  const __mmask8 mask = static_cast<__mmask8>(left >= kNearTaps ? 15 : (1 << left) - 1);
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

// Byte xi is row x's, in column i of a lane.
//
//   rows        a0 a1 .. a15   b0 .. b15   c0 .. c15   d0 .. d15
//   ab_low      a0 b0 a1 b1 .. a7 b7       ab_high    a8 b8 .. a15 b15
//   cd_low      c0 d0 c1 d1 .. c7 d7       cd_high    c8 d8 .. c15 d15
//   values      a0 b0 c0 d0 a1 b1 c1 d1 .. of columns 0-3, 4-7, 8-11 and 12-15
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
  return {{_mm512_unpacklo_epi16(ab_low, cd_low), _mm512_unpackhi_epi16(ab_low, cd_low),
           _mm512_unpacklo_epi16(ab_high, cd_high), _mm512_unpackhi_epi16(ab_high, cd_high)}};
}

// Sum xi is that of column 4x + i of a lane.
//
//   sums        00 01 02 03   10 .. 13   20 .. 23   30 .. 33
//   low, high   00 01 02 03 10 11 12 13 ,  20 21 22 23 30 31 32 33
//   stored      00 01 02 03 10 .. 33, the columns in their order
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
    const RowDigits row = row_digits(source, step * kNearTaps);
    digits[step] = {_mm512_set1_epi32(row.high), _mm512_set1_epi32(row.middle),
                    _mm512_set1_epi32(row.low)};
  }
  for (std::ptrdiff_t column = 0; column < bytes; column += kVectorBytes) {
    FourColumns columns[kSteps];
#pragma GCC unroll 4
    for (int step = 0; step < kSteps; ++step) {
      columns[step] = load_columns(source, step * kNearTaps, column);
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
    for (int k = 0; k < source.count; k += kNearTaps) {
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

void resample_rows(const std::uint8_t* const* sources, std::uint8_t* const* targets, int rows,
                   const AxisTaps& taps) {
  if (taps.packed.form == kScalar) return kScalarResize.resample_rows(sources, targets, rows, taps);
  if (taps.packed.form == kFar) return resample_far(sources, targets, rows, taps);
  switch (taps.packed.steps) {
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
    if (!fits_digits(source.weights[k]))
      return kScalarResize.resample_columns(source, target, bytes);
  }
  if (source.count <= kNearTaps) return resample_few_columns<1>(source, target, bytes);
  if (source.count <= 2 * kNearTaps) return resample_few_columns<2>(source, target, bytes);
  resample_many_columns(source, target, bytes);
}

}  // namespace

}  // namespace pixtok::kernels

PIXTOK_END_TARGET

namespace pixtok::kernels {

const ResizeKernels kAvx512VnniResize = {pack, resample_rows, resample_columns};

}  // namespace pixtok::kernels

#endif
