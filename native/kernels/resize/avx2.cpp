#include "kernels/resize/avx2.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstddef>

#include "kernels/target_region.h"

PIXTOK_BEGIN_TARGET("avx2,fma")

namespace pixtok::kernels::avx2 {

namespace {

// Both sums of 32-bit lanes, of high and of low parts of the weights.
struct Sums {
  __m256i high;
  __m256i low;

  // `values` are 16-bit lanes, even and odd tap by turns.
  inline void add(__m256i values, __m256i high_weights, __m256i low_weights) {
    high = _mm256_add_epi32(high, _mm256_madd_epi16(values, high_weights));
    low = _mm256_add_epi32(low, _mm256_madd_epi16(values, low_weights));
  }

  inline __m256i joined() const {
    const __m256i sum = _mm256_add_epi32(_mm256_slli_epi32(high, kLowBits), low);
    return _mm256_srai_epi32(sum, kPrecisionBits);
  }
};

inline Sums no_sums() { return {_mm256_setzero_si256(), _mm256_set1_epi32(kRounding)}; }

// Two rows of pixels, one a 128-bit lane.
inline __m256i load_two_rows(const std::uint8_t* lower, const std::uint8_t* upper) {
  const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(lower));
  const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(upper));
  return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
}

// bytes   r0 g0 b0 r1 g1 b1 r2 g2 b2 r3 g3 b3 r4 g4 b4 -   of five pixels
// first   r0 r1 g0 g1 b0 b1 -- --   as 16-bit lanes
// second  r2 r3 g2 g3 b2 b3 -- --
// fifth   r4 -- g4 -- b4 -- -- --
struct TapShuffles {
  __m256i first;
  __m256i second;
  __m256i fifth;
};

inline TapShuffles tap_shuffles() {
  return {_mm256_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1,  //
                           0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1),
          _mm256_setr_epi8(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1,  //
                           6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1),
          _mm256_setr_epi8(12, -1, -1, -1, 13, -1, -1, -1, 14, -1, -1, -1, -1, -1, -1, -1,  //
                           12, -1, -1, -1, 13, -1, -1, -1, 14, -1, -1, -1, -1, -1, -1, -1)};
}

// `pair` is two words of AxisTaps::pairs: they are spread once for all four rows.
inline void add_pair(Sums& sums01, Sums& sums23, __m256i pixels01, __m256i pixels23,
                     __m256i shuffle, const std::int32_t* pair) {
  const __m256i high = _mm256_set1_epi32(pair[0]);
  const __m256i low = _mm256_set1_epi32(pair[1]);
  sums01.add(_mm256_shuffle_epi8(pixels01, shuffle), high, low);
  sums23.add(_mm256_shuffle_epi8(pixels23, shuffle), high, low);
}

// One output pixel in four rows, as 32-bit lanes r g b - | r g b -, two rows each. A load of 16
// bytes has four taps, and a fifth where it is the last.
inline void weigh_pixel(const std::uint8_t* const (&rows)[kRowsAtOnce], std::ptrdiff_t offset,
                        const std::int32_t* pairs, int taps, const TapShuffles& shuffles,
                        __m256i& rows01, __m256i& rows23) {
  Sums sums01 = no_sums();
  Sums sums23 = no_sums();
#pragma GCC unroll 2
  for (; taps > 5 || taps == 4; taps -= 4, offset += 12, pairs += 4) {
    const __m256i pixels01 = load_two_rows(rows[0] + offset, rows[1] + offset);
    const __m256i pixels23 = load_two_rows(rows[2] + offset, rows[3] + offset);
    add_pair(sums01, sums23, pixels01, pixels23, shuffles.first, pairs);
    add_pair(sums01, sums23, pixels01, pixels23, shuffles.second, pairs + 2);
  }
  if (taps > 0) {
    const __m256i pixels01 = load_two_rows(rows[0] + offset, rows[1] + offset);
    const __m256i pixels23 = load_two_rows(rows[2] + offset, rows[3] + offset);
    add_pair(sums01, sums23, pixels01, pixels23, shuffles.first, pairs);
    if (taps > 2) add_pair(sums01, sums23, pixels01, pixels23, shuffles.second, pairs + 2);
    if (taps > 4) add_pair(sums01, sums23, pixels01, pixels23, shuffles.fifth, pairs + 4);
  }
  rows01 = sums01.joined();
  rows23 = sums23.joined();
}

// Four pixels of two rows, stored as 12 bytes a row (4 more are written and do not matter).
inline void store_four_pixels(const __m256i (&pixels)[4], std::uint8_t* lower,
                              std::uint8_t* upper) {
  // r0 g0 b0 - r1 g1 b1 - r2 g2 b2 - r3 g3 b3 -  to  r0 g0 b0 r1 g1 b1 r2 g2 b2 r3 g3 b3 - - - -
  const __m256i close_gaps =
      _mm256_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1,  //
                       0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
  const __m256i bytes = _mm256_packus_epi16(_mm256_packs_epi32(pixels[0], pixels[1]),
                                            _mm256_packs_epi32(pixels[2], pixels[3]));
  const __m256i packed = _mm256_shuffle_epi8(bytes, close_gaps);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(lower), _mm256_castsi256_si128(packed));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(upper), _mm256_extracti128_si256(packed, 1));
}

// Four rows. kTaps is axis.taps where that is known, so that loops are unrolled; 0 for any number.
template <int kTaps>
void resample_four_rows(const std::uint8_t* const* sources, std::uint8_t* const* targets,
                        const AxisTaps& axis) {
  const int taps = kTaps > 0 ? kTaps : axis.taps;
  const std::ptrdiff_t stride = kTaps > 0 ? kTaps + kTaps % 2 : axis.stride;
  const std::int32_t* pairs = axis.pairs.data();
  const std::int32_t* first = axis.first.data();
  const std::uint8_t* const rows[kRowsAtOnce] = {sources[0], sources[1], sources[2], sources[3]};
  const TapShuffles shuffles = tap_shuffles();
  for (int x = 0; x < axis.size; x += 4) {
    __m256i rows01[4];
    __m256i rows23[4];
    const auto weigh = [&](int i) {
      // Past the last pixel the last one is made again: it falls into the padding.
      const std::ptrdiff_t at = x + i < axis.size ? x + i : axis.size - 1;
      const std::ptrdiff_t offset = 3 * static_cast<std::ptrdiff_t>(first[at]);
      weigh_pixel(rows, offset, pairs + at * stride, taps, shuffles, rows01[i], rows23[i]);
    };
    if constexpr (kTaps > 0) {
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) weigh(i);
    } else {
#pragma GCC unroll 1
      for (int i = 0; i < 4; ++i) weigh(i);
    }
    const std::ptrdiff_t to = 3 * static_cast<std::ptrdiff_t>(x);
    store_four_pixels(rows01, targets[0] + to, targets[1] + to);
    store_four_pixels(rows23, targets[2] + to, targets[3] + to);
  }
}

using ResampleFourRows = void (*)(const std::uint8_t* const*, std::uint8_t* const*,
                                  const AxisTaps&);

// Beyond eight taps an unrolled body has more values than there are registers.
constexpr int kUnrolledTaps = 8;
constexpr ResampleFourRows kFourRows[kUnrolledTaps + 1] = {
    resample_four_rows<0>, resample_four_rows<1>, resample_four_rows<2>,
    resample_four_rows<3>, resample_four_rows<4>, resample_four_rows<5>,
    resample_four_rows<6>, resample_four_rows<7>, resample_four_rows<8>,
};

// 32 columns. With an odd count the last weight of `pairs` is zero, and any row will do.
inline __m256i weigh_columns(const std::uint8_t* const* rows, int count, const std::int32_t* pairs,
                             std::ptrdiff_t column) {
  const __m256i zero = _mm256_setzero_si256();
  Sums sums[4] = {no_sums(), no_sums(), no_sums(), no_sums()};
  for (int k = 0; k < count; k += 2) {
    const std::uint8_t* row_b = k + 1 < count ? rows[k + 1] : rows[k];
    const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows[k] + column));
    const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row_b + column));
    // ab   a0 b0 a1 b1 ... a7 b7 | a16 b16 ... a23 b23   as bytes, then widened to 16 bits
    // cd   a8 b8 ...     a15 b15 | a24 b24 ... a31 b31
    const __m256i ab = _mm256_unpacklo_epi8(a, b);
    const __m256i cd = _mm256_unpackhi_epi8(a, b);
    const __m256i high = _mm256_set1_epi32(pairs[k]);
    const __m256i low = _mm256_set1_epi32(pairs[k + 1]);
    sums[0].add(_mm256_unpacklo_epi8(ab, zero), high, low);
    sums[1].add(_mm256_unpackhi_epi8(ab, zero), high, low);
    sums[2].add(_mm256_unpacklo_epi8(cd, zero), high, low);
    sums[3].add(_mm256_unpackhi_epi8(cd, zero), high, low);
  }
  // sums 0..3 hold columns 0-3|16-19, 4-7|20-23, 8-11|24-27, 12-15|28-31: packing restores order.
  return _mm256_packus_epi16(_mm256_packs_epi32(sums[0].joined(), sums[1].joined()),
                             _mm256_packs_epi32(sums[2].joined(), sums[3].joined()));
}

template <int kCount>
void resample_known_columns(const WeightedRows& source, std::uint8_t* target, int bytes) {
  const int count = kCount > 0 ? kCount : source.count;
  for (std::ptrdiff_t i = 0; i < bytes; i += 32) {
    const __m256i columns = weigh_columns(source.rows, count, source.pairs, i);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(target + i), columns);
  }
}

constexpr int kUnrolledRows = 6;
constexpr ResampleColumns kColumns[kUnrolledRows + 1] = {
    resample_known_columns<0>, resample_known_columns<1>, resample_known_columns<2>,
    resample_known_columns<3>, resample_known_columns<4>, resample_known_columns<5>,
    resample_known_columns<6>,
};

}  // namespace

void resample_rows(const std::uint8_t* const* sources, std::uint8_t* const* targets, int rows,
                   const AxisTaps& taps) {
  // Missing rows repeat the last one: it is written more than once, with the same bytes.
  const std::uint8_t* four_sources[kRowsAtOnce];
  std::uint8_t* four_targets[kRowsAtOnce];
  for (int row = 0; row < kRowsAtOnce; ++row) {
    four_sources[row] = sources[row < rows ? row : rows - 1];
    four_targets[row] = targets[row < rows ? row : rows - 1];
  }
  kFourRows[taps.taps <= kUnrolledTaps ? taps.taps : 0](four_sources, four_targets, taps);
}

void resample_columns(const WeightedRows& source, std::uint8_t* target, int bytes) {
  kColumns[source.count <= kUnrolledRows ? source.count : 0](source, target, bytes);
}

}  // namespace pixtok::kernels::avx2

PIXTOK_END_TARGET

#endif
