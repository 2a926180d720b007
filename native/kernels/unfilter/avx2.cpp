#if defined(__x86_64__)

#include <immintrin.h>

#include <cstring>

#include "kernels/target_region.h"
#include "kernels/unfilter/unfilter_kernels.h"

PIXTOK_BEGIN_TARGET("avx2,fma,f16c")

namespace pixtok::kernels {

namespace {

using Lanes = __m128i;

inline Lanes widened(const std::uint8_t* bytes) {
  return _mm_cvtepu8_epi16(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(bytes)));
}
// Precondition: the upper halves are 0.
inline std::uint64_t narrowed(Lanes a) {
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_packus_epi16(a, a)));
}
// The upper halves stay 0.
inline Lanes add_bytes(Lanes a, Lanes b) { return _mm_add_epi8(a, b); }
inline Lanes half_of_sum(Lanes a, Lanes b) { return _mm_srli_epi16(_mm_add_epi16(a, b), 1); }

// The distances are |above - corner|, |left - corner| and the absolute of both together.
inline Lanes paeth_predictor(Lanes left, Lanes above, Lanes corner) {
  const Lanes from_left = _mm_sub_epi16(above, corner);
  const Lanes from_above = _mm_sub_epi16(left, corner);
  const Lanes from_corner = _mm_abs_epi16(_mm_add_epi16(from_left, from_above));
  const Lanes to_left = _mm_abs_epi16(from_left);
  const Lanes to_above = _mm_abs_epi16(from_above);
  const Lanes least = _mm_min_epi16(from_corner, _mm_min_epi16(to_left, to_above));
  const Lanes other = _mm_blendv_epi8(corner, above, _mm_cmpeq_epi16(least, to_above));
  return _mm_blendv_epi8(other, left, _mm_cmpeq_epi16(least, to_left));
}

}  // namespace

#include "kernels/unfilter/vector.inl"

}  // namespace pixtok::kernels

PIXTOK_END_TARGET

namespace pixtok::kernels {

const UnfilterKernels kAvx2Unfilter = {unfilter};

}  // namespace pixtok::kernels

#endif
