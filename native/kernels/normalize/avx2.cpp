#include "kernels/normalize/avx2.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstring>

#include "kernels/normalize/scalar.h"
#include "kernels/target_region.h"

PIXTOK_BEGIN_TARGET("avx2,fma,f16c")

namespace pixtok::kernels::avx2 {

#include "kernels/avx2_vector.inl"
#include "kernels/normalize/vector.inl"
#include "kernels/normalize/x86_bytes.inl"

}  // namespace pixtok::kernels::avx2

PIXTOK_END_TARGET

#endif
