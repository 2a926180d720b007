#if defined(__aarch64__)

#include <arm_neon.h>

#include <cstring>

#include "kernels/unfilter/unfilter_kernels.h"

namespace pixtok::kernels {

namespace {

using Lanes = uint16x8_t;

inline Lanes widened(const std::uint8_t* bytes) { return vmovl_u8(vld1_u8(bytes)); }
inline std::uint64_t narrowed(Lanes a) {
  return vget_lane_u64(vreinterpret_u64_u8(vmovn_u16(a)), 0);
}
// The upper halves stay 0.
inline Lanes add_bytes(Lanes a, Lanes b) {
  return vreinterpretq_u16_u8(vaddq_u8(vreinterpretq_u8_u16(a), vreinterpretq_u8_u16(b)));
}
inline Lanes half_of_sum(Lanes a, Lanes b) { return vhaddq_u16(a, b); }

// The distances are |above - corner|, |left - corner| and the absolute of both together.
inline Lanes paeth_predictor(Lanes left, Lanes above, Lanes corner) {
  const Lanes to_left = vabdq_u16(above, corner);
  const Lanes to_above = vabdq_u16(left, corner);
  const Lanes from_corner = vabdq_u16(vaddq_u16(left, above), vaddq_u16(corner, corner));
  const Lanes least = vminq_u16(from_corner, vminq_u16(to_left, to_above));
  const Lanes other = vbslq_u16(vceqq_u16(least, to_above), above, corner);
  return vbslq_u16(vceqq_u16(least, to_left), left, other);
}

}  // namespace

#include "kernels/unfilter/vector.inl"

const UnfilterKernels kNeonUnfilter = {unfilter};

}  // namespace pixtok::kernels

#endif
