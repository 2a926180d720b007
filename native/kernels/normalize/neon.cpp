#include "kernels/normalize/neon.h"

#if defined(__aarch64__)

#include <arm_neon.h>

#include <cstring>

#include "kernels/normalize/scalar.h"

namespace pixtok::kernels::neon {

#include "kernels/neon_vector.inl"
#include "kernels/normalize/vector.inl"

void store_uint8_hwc(const std::uint8_t* const* planes, int width, const Normalizer& normalizer,
                     void* target, std::size_t plane) {
  if (width < kVectorBytes) {
    return scalar::store_uint8_hwc(planes, width, normalizer, target, plane);
  }
  for (int x = 0; x < width; x += kVectorBytes) {
    if (x + kVectorBytes > width) x = width - kVectorBytes;
    const uint8x16x3_t pixels = {
        {vld1q_u8(planes[0] + x), vld1q_u8(planes[1] + x), vld1q_u8(planes[2] + x)}};
    vst3q_u8(static_cast<std::uint8_t*>(target) + 3 * x, pixels);
  }
}

}  // namespace pixtok::kernels::neon

#endif
