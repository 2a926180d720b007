#if defined(__x86_64__)

#include <immintrin.h>

#include <cstring>

#include "core/aligned_buffer.h"
#include "kernels/normalize/normalize_kernels.h"
#include "kernels/target_region.h"

PIXTOK_BEGIN_TARGET("avx2,fma,f16c")

namespace pixtok::kernels {

#include "kernels/avx2_vector.inl"
#include "kernels/normalize/vector.inl"
#include "kernels/normalize/x86_bytes.inl"

}  // namespace pixtok::kernels

PIXTOK_END_TARGET

namespace pixtok::kernels {

const NormalizeKernels kAvx2Normalize = {
    {{store_float32_chw, store_float32_hwc},
     {store_float16_chw, store_float16_hwc},
     {store_uint8_chw, store_uint8_hwc}},
    store_float32_cell,
    store_lines,
    arithmetic_matches,
};

}  // namespace pixtok::kernels

#endif
