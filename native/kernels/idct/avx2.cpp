#if defined(__x86_64__)

#include <immintrin.h>

#include "kernels/idct/idct_kernels.h"
#include "kernels/target_region.h"

PIXTOK_BEGIN_TARGET("avx2,fma,f16c")

namespace pixtok::kernels {

#include "kernels/avx2_vector.inl"
#include "kernels/idct/x86.inl"

}  // namespace pixtok::kernels

PIXTOK_END_TARGET

namespace pixtok::kernels {

const IdctKernels kAvx2Idct = {inverse_dct};

}  // namespace pixtok::kernels

#endif
