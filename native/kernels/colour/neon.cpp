#include "kernels/colour/neon.h"

#if defined(__aarch64__)

#include <arm_neon.h>

#include "kernels/colour/scalar.h"

namespace pixtok::kernels::neon {

namespace {

constexpr int kVectorBytes = 16;

// 2 * (sample - 128) of eight samples.
inline int16x8_t twice_centered(uint8x8_t samples) {
  return vreinterpretq_s16_u16(vshlq_n_u16(vsubl_u8(samples, vdup_n_u8(128)), 1));
}

struct EightPixels {
  uint8x8_t red;
  uint8x8_t green;
  uint8x8_t blue;
};

// With c = 2 * (sample - 128), (2 * c * 22971 + 2^15) >> 16, which is one instruction, is
// ((sample - 128) * 91881 + 2^15) >> 16 for all 256 samples; 29033 does the same for 116130.
inline EightPixels converted(uint8x8_t y, uint8x8_t cb, uint8x8_t cr) {
  constexpr std::int16_t to_red = 22971;
  constexpr std::int16_t to_blue = 29033;
  constexpr std::int16_t blue_to_green = -11277;
  constexpr std::int16_t red_to_green = -23401;
  const int16x8_t luma = vreinterpretq_s16_u16(vmovl_u8(y));
  const int16x8_t blueness = twice_centered(cb);
  const int16x8_t redness = twice_centered(cr);
  const auto rounded = [&](int32x4_t sum) { return vrshrn_n_s32(sum, 16); };
  const int32x4_t low = vmlal_n_s16(vmull_n_s16(vget_low_s16(blueness), blue_to_green),
                                    vget_low_s16(redness), red_to_green);
  const int32x4_t high = vmlal_n_s16(vmull_n_s16(vget_high_s16(blueness), blue_to_green),
                                     vget_high_s16(redness), red_to_green);
  const int16x8_t greenness = vcombine_s16(rounded(low), rounded(high));
  return {vqmovun_s16(vaddq_s16(luma, vqrdmulhq_n_s16(redness, to_red))),
          vqmovun_s16(vaddq_s16(luma, greenness)),
          vqmovun_s16(vaddq_s16(luma, vqrdmulhq_n_s16(blueness, to_blue)))};
}

// 3 * a + b of each byte.
struct Sums {
  uint16x8_t low;
  uint16x8_t high;

  Sums(uint8x16_t a, uint8x16_t b)
      : low(vaddw_u8(vmull_u8(vget_low_u8(a), vdup_n_u8(3)), vget_low_u8(b))),
        high(vaddw_u8(vmull_u8(vget_high_u8(a), vdup_n_u8(3)), vget_high_u8(b))) {}
};

// (sum + bias) >> kBits
template <int kBits>
inline uint8x8_t narrowed(uint16x8_t sums, uint16x8_t bias) {
  return vshrn_n_u16(vaddq_u16(sums, bias), kBits);
}

}  // namespace

void split_rgb(const std::uint8_t* pixels, int width, std::uint8_t* const* planes) {
  if (width < kVectorBytes) return scalar::split_rgb(pixels, width, planes);
  for (int x = 0; x < width; x += kVectorBytes) {
    // The last step goes back over pixels already done rather than past the row's end.
    if (x + kVectorBytes > width) x = width - kVectorBytes;
    const uint8x16x3_t split = vld3q_u8(pixels + 3 * x);
    for (int channel = 0; channel < 3; ++channel) vst1q_u8(planes[channel] + x, split.val[channel]);
  }
}

void ycc_to_rgb(const std::uint8_t* luma, const std::uint8_t* cb, const std::uint8_t* cr, int width,
                std::uint8_t* const* planes) {
  for (int x = 0; x < width; x += kVectorBytes) {
    const uint8x16_t y = vld1q_u8(luma + x);
    const uint8x16_t b = vld1q_u8(cb + x);
    const uint8x16_t r = vld1q_u8(cr + x);
    const EightPixels low = converted(vget_low_u8(y), vget_low_u8(b), vget_low_u8(r));
    const EightPixels high = converted(vget_high_u8(y), vget_high_u8(b), vget_high_u8(r));
    vst1q_u8(planes[0] + x, vcombine_u8(low.red, high.red));
    vst1q_u8(planes[1] + x, vcombine_u8(low.green, high.green));
    vst1q_u8(planes[2] + x, vcombine_u8(low.blue, high.blue));
  }
}

void upsample_across(const std::uint8_t* row, int width, std::uint8_t* target) {
  const uint16x8_t one = vdupq_n_u16(1);
  const uint16x8_t two = vdupq_n_u16(2);
  for (int x = 0; x < width; x += kVectorBytes) {
    const uint8x16_t here = vld1q_u8(row + x);
    const Sums before(here, vld1q_u8(row + x - 1));
    const Sums after(here, vld1q_u8(row + x + 1));
    const uint8x16x2_t samples = {
        {vcombine_u8(narrowed<2>(before.low, one), narrowed<2>(before.high, one)),
         vcombine_u8(narrowed<2>(after.low, two), narrowed<2>(after.high, two))}};
    vst2q_u8(target + 2 * x, samples);
  }
}

void upsample_both(const std::uint8_t* near_row, const std::uint8_t* far_row, int width,
                   std::uint8_t* target) {
  const uint16x8_t seven = vdupq_n_u16(7);
  const uint16x8_t eight = vdupq_n_u16(8);
  const auto sums = [&](int x) { return Sums(vld1q_u8(near_row + x), vld1q_u8(far_row + x)); };
  const auto sample = [&](uint16x8_t middle, uint16x8_t side, uint16x8_t bias) {
    return narrowed<4>(vmlaq_n_u16(side, middle, 3), bias);
  };
  for (int x = 0; x < width; x += kVectorBytes) {
    const Sums before = sums(x - 1);
    const Sums here = sums(x);
    const Sums after = sums(x + 1);
    const uint8x16x2_t samples = {
        {vcombine_u8(sample(here.low, before.low, eight), sample(here.high, before.high, eight)),
         vcombine_u8(sample(here.low, after.low, seven), sample(here.high, after.high, seven))}};
    vst2q_u8(target + 2 * x, samples);
  }
}

void upsample_down(const std::uint8_t* near_row, const std::uint8_t* far_row, int bias, int width,
                   std::uint8_t* target) {
  const uint16x8_t biases = vdupq_n_u16(static_cast<std::uint16_t>(bias));
  for (int x = 0; x < width; x += kVectorBytes) {
    const Sums sums(vld1q_u8(near_row + x), vld1q_u8(far_row + x));
    vst1q_u8(target + x,
             vcombine_u8(narrowed<2>(sums.low, biases), narrowed<2>(sums.high, biases)));
  }
}

}  // namespace pixtok::kernels::neon

#endif
