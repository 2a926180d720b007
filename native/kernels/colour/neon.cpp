#if defined(__aarch64__)

#include <arm_neon.h>

#include <cstddef>

#include "kernels/colour/colour_kernels.h"

namespace pixtok::kernels {

namespace {

// The scalar factors apply to chroma, these to twice the chroma c, as 16-bit lanes. In green they
// are exact halves. In red and blue (2 * 2c * factor + 2^15) >> 16 is what vqrdmulhq_s16 computes,
// and gives the scalar factors' results for each of the 256 values that c has.
constexpr std::int16_t kCrToRed = 22971;
constexpr std::int16_t kCbToBlue = 29033;
constexpr std::int16_t kCbToGreen = -11277;
constexpr std::int16_t kCrToGreen = -23401;

inline int16x8x2_t doubled_chroma(const std::uint8_t* samples) {
  const uint8x16_t flipped = veorq_u8(vld1q_u8(samples), vdupq_n_u8(0x80));
  const int8x16_t chroma = vreinterpretq_s8_u8(flipped);
  return {{vshll_n_s8(vget_low_s8(chroma), 1), vshll_high_n_s8(chroma, 1)}};
}

inline int16x8x2_t scaled(int16x8x2_t chroma, std::int16_t factor) {
  return {{vqrdmulhq_n_s16(chroma.val[0], factor), vqrdmulhq_n_s16(chroma.val[1], factor)}};
}

inline int16x8_t greenness(int16x8_t cb, int16x8_t cr) {
  const int32x4_t low = vmlal_n_s16(vmull_n_s16(vget_low_s16(cb), kCbToGreen),  //
                                    vget_low_s16(cr), kCrToGreen);
  const int32x4_t high = vmlal_high_n_s16(vmull_high_n_s16(cb, kCbToGreen), cr, kCrToGreen);
  return vrshrn_high_n_s32(vrshrn_n_s32(low, 16), high, 16);
}

inline uint8x16_t add_and_clip(uint8x16_t luma, int16x8x2_t difference) {
  const uint16x8_t low = vaddw_u8(vreinterpretq_u16_s16(difference.val[0]), vget_low_u8(luma));
  const uint16x8_t high = vaddw_high_u8(vreinterpretq_u16_s16(difference.val[1]), luma);
  return vqmovun_high_s16(vqmovun_s16(vreinterpretq_s16_u16(low)), vreinterpretq_s16_u16(high));
}

// (3 * near + far + 1) >> 2 and (3 * near + far + 2) >> 2 in halving additions, which keep their
// carry. The inner one rounds the other way than the outer: what it drops is never missed.
inline uint8x16_t three_quarters_down(uint8x16_t near_samples, uint8x16_t far_samples) {
  return vhaddq_u8(near_samples, vrhaddq_u8(near_samples, far_samples));
}

inline uint8x16_t three_quarters_up(uint8x16_t near_samples, uint8x16_t far_samples) {
  return vrhaddq_u8(near_samples, vhaddq_u8(near_samples, far_samples));
}

// 3 * near + far of eight columns.
inline uint16x8_t column_sums(const std::uint8_t* near_row, const std::uint8_t* far_row) {
  return vmlal_u8(vmovl_u8(vld1_u8(far_row)), vld1_u8(near_row), vdup_n_u8(3));
}

void split_rgb(const std::uint8_t* pixels, int width, std::uint8_t* const* planes) {
  std::uint8_t* const red = planes[0];
  std::uint8_t* const green = planes[1];
  std::uint8_t* const blue = planes[2];
  for (std::ptrdiff_t x = 0; x < width; x += 16) {
    const uint8x16x3_t rgb = vld3q_u8(pixels + 3 * x);
    vst1q_u8(red + x, rgb.val[0]);
    vst1q_u8(green + x, rgb.val[1]);
    vst1q_u8(blue + x, rgb.val[2]);
  }
}

void ycc_to_rgb(const std::uint8_t* luma, const std::uint8_t* cb, const std::uint8_t* cr, int width,
                std::uint8_t* const* planes) {
  std::uint8_t* const red = planes[0];
  std::uint8_t* const green = planes[1];
  std::uint8_t* const blue = planes[2];
  for (std::ptrdiff_t x = 0; x < width; x += 16) {
    const uint8x16_t light = vld1q_u8(luma + x);
    const int16x8x2_t blueness = doubled_chroma(cb + x);
    const int16x8x2_t redness = doubled_chroma(cr + x);
    const int16x8x2_t of_both = {
        {greenness(blueness.val[0], redness.val[0]), greenness(blueness.val[1], redness.val[1])}};
    vst1q_u8(red + x, add_and_clip(light, scaled(redness, kCrToRed)));
    vst1q_u8(green + x, add_and_clip(light, of_both));
    vst1q_u8(blue + x, add_and_clip(light, scaled(blueness, kCbToBlue)));
  }
}

void upsample_across(const std::uint8_t* row, int width, std::uint8_t* target) {
  for (std::ptrdiff_t x = 0; x < width; x += 16) {
    const uint8x16_t here = vld1q_u8(row + x);
    const uint8x16_t left = vld1q_u8(row + x - 1);
    const uint8x16_t right = vld1q_u8(row + x + 1);
    const uint8x16x2_t samples = {
        {three_quarters_down(here, left), three_quarters_up(here, right)}};
    vst2q_u8(target + 2 * x, samples);
  }
}

void upsample_both(const std::uint8_t* near_row, const std::uint8_t* far_row, int width,
                   std::uint8_t* target) {
  uint16x8_t before = vdupq_n_u16(static_cast<std::uint16_t>(3 * near_row[-1] + far_row[-1]));
  uint16x8_t here = column_sums(near_row, far_row);
  for (std::ptrdiff_t x = 0; x < width; x += 8) {
    const uint16x8_t after = column_sums(near_row + x + 8, far_row + x + 8);
    //   before   b0 .. b7        here   h0 h1 .. h7      after   a0 .. a7
    //   left     b7 h0 .. h6     right  h1 .. h7 a0
    //   stored   even0 odd0 even1 odd1 .. even7 odd7
    const uint16x8_t left = vextq_u16(before, here, 7);
    const uint16x8_t right = vextq_u16(here, after, 1);
    const uint16x8_t even = vmlaq_n_u16(left, here, 3);  // the shift adds 8
    const uint16x8_t odd = vmlaq_n_u16(vaddq_u16(right, vdupq_n_u16(7)), here, 3);
    const uint8x8x2_t samples = {{vrshrn_n_u16(even, 4), vshrn_n_u16(odd, 4)}};
    vst2_u8(target + 2 * x, samples);
    before = here;
    here = after;
  }
}

void upsample_down(const std::uint8_t* near_row, const std::uint8_t* far_row, int bias, int width,
                   std::uint8_t* target) {
  for (std::ptrdiff_t x = 0; x < width; x += 16) {
    const uint8x16_t near_samples = vld1q_u8(near_row + x);
    const uint8x16_t far_samples = vld1q_u8(far_row + x);
    vst1q_u8(target + x, bias == 1 ? three_quarters_down(near_samples, far_samples)
                                   : three_quarters_up(near_samples, far_samples));
  }
}

}  // namespace

const ColourKernels kNeonColour = {split_rgb, ycc_to_rgb, upsample_across, upsample_both,
                                   upsample_down};

}  // namespace pixtok::kernels

#endif
