#if defined(__x86_64__)

#include <immintrin.h>

#include <cstddef>

#include "kernels/resize/resize_kernels.h"
#include "kernels/resize/word_taps.h"
#include "kernels/target_region.h"

PIXTOK_BEGIN_TARGET("avx2,fma,f16c")

namespace pixtok::kernels {

#include "kernels/avx2_vector.inl"
#include "kernels/resize/x86_lane_sums.inl"
#include "kernels/resize/x86_words.inl"

}  // namespace pixtok::kernels

PIXTOK_END_TARGET

namespace pixtok::kernels {

const ResizeKernels kAvx2Resize = {pack_taps<SplitSums>, resample_rows<SplitSums>,
                                   resample_columns<SplitSums>};
const ResizeKernels kAvx2ShortResize = {pack_taps<ShortSums>, resample_rows<ShortSums>,
                                        resample_columns<ShortSums>};

}  // namespace pixtok::kernels

#endif
