#include "kernels/resize/avx2.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstddef>

#include "kernels/target_region.h"

PIXTOK_BEGIN_TARGET("avx2,fma,f16c")

namespace pixtok::kernels::avx2 {

#include "kernels/avx2_vector.inl"
#include "kernels/resize/x86_words.inl"

}  // namespace pixtok::kernels::avx2

PIXTOK_END_TARGET

#endif
