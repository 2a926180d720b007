#include "kernels/normalize/avx2.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstring>

#include "kernels/normalize/scalar.h"
#include "kernels/target_region.h"

PIXTOK_BEGIN_TARGET("avx2,fma")

namespace pixtok::kernels::avx2 {

namespace {

// Division by a constant without a division: the product with the reciprocal, corrected once by
// the remainder (Markstein). Whether that rounds as a division does is checked on all 256 inputs.
struct Divisor {
  __m256 value;
  __m256 reciprocal;

  inline __m256 divide(__m256 dividend) const {
    const __m256 quotient = _mm256_mul_ps(dividend, reciprocal);
    const __m256 remainder = _mm256_fnmadd_ps(quotient, value, dividend);
    return _mm256_fmadd_ps(remainder, reciprocal, quotient);
  }
};

struct ChannelArithmetic {
  Divisor full_scale;
  Divisor std;
  __m256 mean;

  inline __m256 normalize(__m256i bytes) const {
    const __m256 unit = full_scale.divide(_mm256_cvtepi32_ps(bytes));
    return std.divide(_mm256_sub_ps(unit, mean));
  }
};

inline ChannelArithmetic arithmetic_of(const Normalizer& normalizer, int channel) {
  const float std = normalizer.std[channel];
  return {{_mm256_set1_ps(255.0F), _mm256_set1_ps(1.0F / 255.0F)},
          {_mm256_set1_ps(std), _mm256_set1_ps(1.0F / std)},
          _mm256_set1_ps(normalizer.mean[channel])};
}

}  // namespace

// Precondition: normalizer.arithmetic, or the table is used.
void store_float32_chw(const std::uint8_t* pixels, int width, const Normalizer& normalizer,
                       void* target, std::size_t plane) {
  if (!normalizer.arithmetic || width < 8) {
    scalar::store_float32_chw(pixels, width, normalizer, target, plane);
    return;
  }
  // bytes r0 g0 b0 r1 g1 b1 r2 g2 b2 r3 g3 b3 - - - - in each lane (pixels 0-3 | 4-7)
  // red   r0 r1 r2 r3 | r4 r5 r6 r7  as 32-bit lanes, and so on
  const __m256i red = _mm256_setr_epi8(0, -1, -1, -1, 3, -1, -1, -1, 6, -1, -1, -1, 9, -1, -1, -1,
                                       0, -1, -1, -1, 3, -1, -1, -1, 6, -1, -1, -1, 9, -1, -1, -1);
  const __m256i next_byte = _mm256_set1_epi32(1);  // the mask's -1 bytes stay as they are
  const __m256i green = _mm256_add_epi32(red, next_byte);
  const __m256i blue = _mm256_add_epi32(green, next_byte);
  const ChannelArithmetic channels[3] = {arithmetic_of(normalizer, 0), arithmetic_of(normalizer, 1),
                                         arithmetic_of(normalizer, 2)};
  float* planes[3] = {static_cast<float*>(target), static_cast<float*>(target) + plane,
                      static_cast<float*>(target) + 2 * plane};
  for (int x = 0; x < width; x += 8) {
    // The last step goes back over pixels already done rather than past the row's end.
    if (x + 8 > width) x = width - 8;
    const std::uint8_t* from = pixels + 3 * x;
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + 12));
    const __m256i eight = _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
    _mm256_storeu_ps(planes[0] + x, channels[0].normalize(_mm256_shuffle_epi8(eight, red)));
    _mm256_storeu_ps(planes[1] + x, channels[1].normalize(_mm256_shuffle_epi8(eight, green)));
    _mm256_storeu_ps(planes[2] + x, channels[2].normalize(_mm256_shuffle_epi8(eight, blue)));
  }
}

bool arithmetic_matches(const Normalizer& normalizer) {
  for (int channel = 0; channel < 3; ++channel) {
    const ChannelArithmetic arithmetic = arithmetic_of(normalizer, channel);
    for (int byte = 0; byte < 256; byte += 8) {
      const __m256i bytes =
          _mm256_add_epi32(_mm256_set1_epi32(byte), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
      float values[8];
      _mm256_storeu_ps(values, arithmetic.normalize(bytes));
      if (std::memcmp(values, &normalizer.table[channel][byte], sizeof values) != 0) return false;
    }
  }
  return true;
}

}  // namespace pixtok::kernels::avx2

PIXTOK_END_TARGET

#endif
