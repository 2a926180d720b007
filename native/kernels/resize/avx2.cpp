#include "kernels/resize/avx2.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstddef>

#include "kernels/target_region.h"

PIXTOK_BEGIN_TARGET("avx2,fma")

namespace pixtok::kernels::avx2 {

namespace {

// Two rows of pixels, one a 128-bit lane.
inline __m256i load_two_rows(const std::uint8_t* lower, const std::uint8_t* upper) {
  const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(lower));
  const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(upper));
  return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
}

inline __m256i broadcast_pair(const std::int32_t* pair) { return _mm256_set1_epi32(*pair); }

// Both sums of one output pixel in two rows: 32-bit lanes r g b - | r g b -.
struct Sums {
  __m256i high;
  __m256i low;

  inline void add(__m256i pixels, __m256i high_weights, __m256i low_weights) {
    high = _mm256_add_epi32(high, _mm256_madd_epi16(pixels, high_weights));
    low = _mm256_add_epi32(low, _mm256_madd_epi16(pixels, low_weights));
  }

  inline __m256i joined() const {
    const __m256i sum = _mm256_add_epi32(_mm256_slli_epi32(high, kLowBits), low);
    return _mm256_srai_epi32(sum, kPrecisionBits);
  }
};

struct FourRows {
  __m256i rows01;
  __m256i rows23;
};

// One output pixel in four rows. `offset` is where its window starts in each row, in bytes.
inline FourRows weigh_pixel(const std::uint8_t* const* rows, std::ptrdiff_t offset,
                            const std::int32_t* high_pairs, const std::int32_t* low_pairs,
                            int pairs) {
  // bytes   r0 g0 b0 r1 g1 b1 r2 g2 b2 r3 g3 b3 ...
  // first   r0 r1 g0 g1 b0 b1 -- --   as 16-bit lanes
  // second  r2 r3 g2 g3 b2 b3 -- --
  const __m256i first = _mm256_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1,
                                         0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1);
  const __m256i second =
      _mm256_setr_epi8(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1,  //
                       6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1);
  const __m256i rounding = _mm256_set1_epi32(kRounding);
  Sums sums01{_mm256_setzero_si256(), rounding};
  Sums sums23{_mm256_setzero_si256(), rounding};
  int k = 0;
  for (; k + 2 <= pairs; k += 2, offset += 12) {
    const __m256i pixels01 = load_two_rows(rows[0] + offset, rows[1] + offset);
    const __m256i pixels23 = load_two_rows(rows[2] + offset, rows[3] + offset);
    __m256i high = broadcast_pair(high_pairs + k);
    __m256i low = broadcast_pair(low_pairs + k);
    sums01.add(_mm256_shuffle_epi8(pixels01, first), high, low);
    sums23.add(_mm256_shuffle_epi8(pixels23, first), high, low);
    high = broadcast_pair(high_pairs + k + 1);
    low = broadcast_pair(low_pairs + k + 1);
    sums01.add(_mm256_shuffle_epi8(pixels01, second), high, low);
    sums23.add(_mm256_shuffle_epi8(pixels23, second), high, low);
  }
  if (k < pairs) {
    const __m256i high = broadcast_pair(high_pairs + k);
    const __m256i low = broadcast_pair(low_pairs + k);
    const __m256i pixels01 = load_two_rows(rows[0] + offset, rows[1] + offset);
    const __m256i pixels23 = load_two_rows(rows[2] + offset, rows[3] + offset);
    sums01.add(_mm256_shuffle_epi8(pixels01, first), high, low);
    sums23.add(_mm256_shuffle_epi8(pixels23, first), high, low);
  }
  return {sums01.joined(), sums23.joined()};
}

// Four pixels of two rows, stored as 12 bytes a row (4 more are written and do not matter).
inline void store_four_pixels(__m256i p0, __m256i p1, __m256i p2, __m256i p3, std::uint8_t* lower,
                              std::uint8_t* upper) {
  // r0 g0 b0 - r1 g1 b1 - r2 g2 b2 - r3 g3 b3 -  to  r0 g0 b0 r1 g1 b1 r2 g2 b2 r3 g3 b3 - - - -
  const __m256i close_gaps =
      _mm256_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1,  //
                       0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
  const __m256i bytes = _mm256_packus_epi16(_mm256_packs_epi32(p0, p1), _mm256_packs_epi32(p2, p3));
  const __m256i packed = _mm256_shuffle_epi8(bytes, close_gaps);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(lower), _mm256_castsi256_si128(packed));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(upper), _mm256_extracti128_si256(packed, 1));
}

// Preconditions: as ResampleRows, with exactly four rows.
void resample_four_rows(const std::uint8_t* const* sources, std::uint8_t* const* targets,
                        const AxisTaps& taps) {
  const int pairs = taps.stride / 2;
  const std::int32_t* high = taps.high_pairs.data();
  const std::int32_t* low = taps.low_pairs.data();
  const std::int32_t* first = taps.first.data();
  for (int x = 0; x < taps.size; x += 4) {
    FourRows pixels[4];
    for (int i = 0; i < 4; ++i) {
      // Past the last pixel the last one is made again: it falls into the padding.
      const std::ptrdiff_t at = x + i < taps.size ? x + i : taps.size - 1;
      pixels[i] = weigh_pixel(sources, 3 * static_cast<std::ptrdiff_t>(first[at]),
                              high + at * pairs, low + at * pairs, pairs);
    }
    const std::ptrdiff_t offset = 3 * static_cast<std::ptrdiff_t>(x);
    store_four_pixels(pixels[0].rows01, pixels[1].rows01, pixels[2].rows01, pixels[3].rows01,
                      targets[0] + offset, targets[1] + offset);
    store_four_pixels(pixels[0].rows23, pixels[1].rows23, pixels[2].rows23, pixels[3].rows23,
                      targets[2] + offset, targets[3] + offset);
  }
}

}  // namespace

void resample_rows(const std::uint8_t* const* sources, std::uint8_t* const* targets, int rows,
                   const AxisTaps& taps) {
  if (rows == kRowsAtOnce) {
    resample_four_rows(sources, targets, taps);
    return;
  }
  // Missing rows repeat the last one: it is written more than once, with the same bytes.
  const std::uint8_t* four_sources[kRowsAtOnce];
  std::uint8_t* four_targets[kRowsAtOnce];
  for (int row = 0; row < kRowsAtOnce; ++row) {
    four_sources[row] = sources[row < rows ? row : rows - 1];
    four_targets[row] = targets[row < rows ? row : rows - 1];
  }
  resample_four_rows(four_sources, four_targets, taps);
}

void resample_columns(const WeightedRows& source, std::uint8_t* target, int bytes) {
  const __m256i zero = _mm256_setzero_si256();
  const __m256i rounding = _mm256_set1_epi32(kRounding);
  const int pairs = (source.count + 1) / 2;
  for (int i = 0; i < bytes; i += 32) {
    Sums sums[4] = {{zero, rounding}, {zero, rounding}, {zero, rounding}, {zero, rounding}};
    for (int k = 0; k < pairs; ++k) {
      const std::uint8_t* row_a = source.rows[2 * k];
      // With an odd count the last weight is zero, and any row will do.
      const std::uint8_t* row_b = 2 * k + 1 < source.count ? source.rows[2 * k + 1] : row_a;
      const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row_a + i));
      const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row_b + i));
      const __m256i high = broadcast_pair(source.high_pairs + k);
      const __m256i low = broadcast_pair(source.low_pairs + k);
      // ab   a0 b0 a1 b1 ... a7 b7 | a16 b16 ... a23 b23   as bytes, then widened to 16 bits
      // cd   a8 b8 ...     a15 b15 | a24 b24 ... a31 b31
      const __m256i ab = _mm256_unpacklo_epi8(a, b);
      const __m256i cd = _mm256_unpackhi_epi8(a, b);
      sums[0].add(_mm256_unpacklo_epi8(ab, zero), high, low);
      sums[1].add(_mm256_unpackhi_epi8(ab, zero), high, low);
      sums[2].add(_mm256_unpacklo_epi8(cd, zero), high, low);
      sums[3].add(_mm256_unpackhi_epi8(cd, zero), high, low);
    }
    // sums 0..3 hold columns 0-3|16-19, 4-7|20-23, 8-11|24-27, 12-15|28-31: packing restores order.
    const __m256i lower = _mm256_packs_epi32(sums[0].joined(), sums[1].joined());
    const __m256i upper = _mm256_packs_epi32(sums[2].joined(), sums[3].joined());
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(target + i), _mm256_packus_epi16(lower, upper));
  }
}

}  // namespace pixtok::kernels::avx2

PIXTOK_END_TARGET

#endif
