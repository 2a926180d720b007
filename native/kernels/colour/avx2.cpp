#include "kernels/colour/avx2.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include "kernels/colour/scalar.h"
#include "kernels/target_region.h"

PIXTOK_BEGIN_TARGET("avx2,fma,f16c")

namespace pixtok::kernels::avx2 {

#include "kernels/avx2_vector.inl"
#include "kernels/colour/x86.inl"

}  // namespace pixtok::kernels::avx2

PIXTOK_END_TARGET

#endif
