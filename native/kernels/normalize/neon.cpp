#if defined(__aarch64__)

#include <arm_neon.h>

#include <cstring>

#include "kernels/normalize/normalize_kernels.h"

namespace pixtok::kernels {

#include "kernels/neon_vector.inl"
#include "kernels/normalize/vector.inl"

namespace {

// A copy of planes has nothing to gain from vectors.
void store_uint8_chw(const std::uint8_t* const* planes, int width, const Normalizer& normalizer,
                     void* target, std::size_t plane) {
  kScalarNormalize.store(ElementType::kUint8, Layout::kChw)(planes, width, normalizer, target,
                                                            plane);
}

void store_uint8_hwc(const std::uint8_t* const* planes, int width, const Normalizer& normalizer,
                     void* target, std::size_t plane) {
  if (width < kVectorBytes) {
    return kScalarNormalize.store(ElementType::kUint8, Layout::kHwc)(planes, width, normalizer,
                                                                     target, plane);
  }
  for (int x = 0; x < width; x += kVectorBytes) {
    if (x + kVectorBytes > width) x = width - kVectorBytes;
    const uint8x16x3_t pixels = {
        {vld1q_u8(planes[0] + x), vld1q_u8(planes[1] + x), vld1q_u8(planes[2] + x)}};
    vst3q_u8(static_cast<std::uint8_t*>(target) + 3 * x, pixels);
  }
}

// It has no stores around the caches that are worth their while.
void store_lines(const std::uint8_t* from, std::size_t lines, std::uint8_t* to) {
  kScalarNormalize.store_lines(from, lines, to);
}

}  // namespace

const NormalizeKernels kNeonNormalize = {
    {{store_float32_chw, store_float32_hwc},
     {store_float16_chw, store_float16_hwc},
     {store_uint8_chw, store_uint8_hwc}},
    store_float32_cell,
    store_lines,
    arithmetic_matches,
};

}  // namespace pixtok::kernels

#endif
