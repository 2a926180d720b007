#include "kernels/normalize/avx512.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstring>

#include "kernels/normalize/scalar.h"
#include "kernels/target_region.h"

PIXTOK_BEGIN_TARGET("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c")

namespace pixtok::kernels::avx512 {

#include "kernels/avx512_vector.inl"
#include "kernels/normalize/vector.inl"
#include "kernels/normalize/x86_bytes.inl"

}  // namespace pixtok::kernels::avx512

PIXTOK_END_TARGET

#endif
