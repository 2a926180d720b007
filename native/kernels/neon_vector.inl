// As avx2_vector.inl, for what normalize/vector.inl is written in: AArch64.

namespace {

using Floats = float32x4_t;

constexpr int kVectorBytes = 16;
constexpr int kFloatCount = 4;

inline Floats all_floats(float value) { return vdupq_n_f32(value); }
// Reads kFloatCount bytes.
inline Floats load_floats(const std::uint8_t* from) {
  std::uint32_t bytes = 0;
  std::memcpy(&bytes, from, sizeof bytes);
  const uint16x8_t wide = vmovl_u8(vreinterpret_u8_u32(vdup_n_u32(bytes)));
  return vcvtq_f32_u32(vmovl_u16(vget_low_u16(wide)));
}
inline Floats subtract(Floats a, Floats b) { return vsubq_f32(a, b); }
inline Floats multiply(Floats a, Floats b) { return vmulq_f32(a, b); }
inline Floats multiply_add(Floats a, Floats b, Floats c) { return vfmaq_f32(c, a, b); }
inline void store_floats(float* to, Floats value) { vst1q_f32(to, value); }
// There is no store past the caches for single vectors.
inline void stream_floats(float* to, Floats value) { vst1q_f32(to, value); }
inline void store_halves(std::uint16_t* to, Floats value) {
  vst1_u16(to, vreinterpret_u16_f16(vcvt_f16_f32(value)));
}
// a0 b0 c0 a1 b1 c1 ... over three vectors.
struct ThreeFloats {
  Floats parts[3];
};
inline ThreeFloats interleave(Floats a, Floats b, Floats c) {
  const Floats ab = vzip1q_f32(a, b);                                            // a0 b0 a1 b1
  const Floats bc = vzip2q_f32(b, c);                                            // b2 c2 b3 c3
  const Floats ca = vtrn1q_f32(c, vextq_f32(a, a, 1));                           // c0 a1 c2 a3
  const Floats first = vcombine_f32(vget_low_f32(ab), vget_low_f32(ca));         // a0 b0 c0 a1
  const Floats b1_c1 = vtrn2q_f32(b, c);                                         // b1 c1 b3 c3
  const Floats a2_b2 = vzip2q_f32(a, b);                                         // a2 b2 a3 b3
  const Floats second = vcombine_f32(vget_low_f32(b1_c1), vget_low_f32(a2_b2));  // b1 c1 a2 b2
  const Floats third = vcombine_f32(vget_high_f32(ca), vget_high_f32(bc));       // c2 a3 b3 c3
  return {{first, second, third}};
}

}  // namespace
