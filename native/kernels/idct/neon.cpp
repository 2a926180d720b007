#if defined(__aarch64__)

#include <arm_neon.h>

#include <cstring>

#include "kernels/idct/idct_kernels.h"

namespace pixtok::kernels {

namespace {

using namespace idct;

// A 32-bit number for each column.
struct Wide {
  int32x4_t low;
  int32x4_t high;
};

inline Wide product(int16x8_t a, int factor) {
  const auto narrow = static_cast<std::int16_t>(factor);
  return {vmull_n_s16(vget_low_s16(a), narrow), vmull_high_n_s16(a, narrow)};
}
inline Wide add_product(Wide sum, int16x8_t a, int factor) {
  const auto narrow = static_cast<std::int16_t>(factor);
  return {vmlal_n_s16(sum.low, vget_low_s16(a), narrow), vmlal_high_n_s16(sum.high, a, narrow)};
}
inline Wide add(Wide a, Wide b) { return {vaddq_s32(a.low, b.low), vaddq_s32(a.high, b.high)}; }
inline Wide subtract(Wide a, Wide b) {
  return {vsubq_s32(a.low, b.low), vsubq_s32(a.high, b.high)};
}
template <int kShift>
inline int16x8_t narrowed(Wide a) {
  const int32x4_t low = vrshrq_n_s32(a.low, kShift);
  return vqmovn_high_s32(vqmovn_s32(low), vrshrq_n_s32(a.high, kShift));
}

// In a quarter, rows 4 to 7 are zero.
template <bool kQuarter, int kShift>
inline void pass(int16x8_t (&rows)[8]) {
  Wide sum = product(rows[0], kOne);
  Wide difference = sum;
  Wide outer = product(rows[2], kEven[0][0]);
  Wide inner = product(rows[2], kEven[1][0]);
  if (!kQuarter) {
    sum = add_product(sum, rows[4], kOne);
    difference = add_product(difference, rows[4], -kOne);
    outer = add_product(outer, rows[6], kEven[0][1]);
    inner = add_product(inner, rows[6], kEven[1][1]);
  }
  const Wide even[4] = {add(sum, outer), add(difference, inner), subtract(difference, inner),
                        subtract(sum, outer)};
  Wide odd[4];
  for (int i = 0; i < 4; ++i) {
    odd[i] = add_product(product(rows[1], kOdd[i][0]), rows[3], kOdd[i][1]);
    if (kQuarter) continue;
    odd[i] = add_product(add_product(odd[i], rows[5], kOdd[i][2]), rows[7], kOdd[i][3]);
  }
  for (int i = 0; i < 4; ++i) {
    rows[i] = narrowed<kShift>(add(even[i], odd[i]));
    rows[7 - i] = narrowed<kShift>(subtract(even[i], odd[i]));
  }
}

inline int16x8_t zip_pairs(int16x8_t a, int16x8_t b, bool high) {
  const int32x4_t x = vreinterpretq_s32_s16(a);
  const int32x4_t y = vreinterpretq_s32_s16(b);
  return vreinterpretq_s16_s32(high ? vzip2q_s32(x, y) : vzip1q_s32(x, y));
}

// Rows become columns. Number ij is row i's, in column j.
//
//   rows          00 01 .. 07   10 .. 17   20 .. 27   30 .. 37      and 4 to 7
//   left          00 10 01 11 02 12 03 13,  20 30 21 31 22 32 23 33
//   right         04 14 05 15 06 16 07 17,  24 34 25 35 26 36 27 37
//   halves[0]     00 10 20 30 01 11 21 31,  02 12 22 32 03 13 23 33,  04 14 ..,  06 16 ..
//   halves[1]     40 50 60 70 41 51 61 71,  ..
//   rows          00 10 20 30 40 50 60 70,  01 11 21 31 41 51 61 71,  ..
inline void transpose(int16x8_t (&rows)[8]) {
  int16x8_t halves[2][4];  // of rows 0 to 3 and 4 to 7: columns 0 1, 2 3, 4 5 and 6 7
  for (int half = 0; half < 2; ++half) {
    const int16x8_t* from = rows + 4 * half;
    const int16x8_t left[] = {vzip1q_s16(from[0], from[1]), vzip1q_s16(from[2], from[3])};
    const int16x8_t right[] = {vzip2q_s16(from[0], from[1]), vzip2q_s16(from[2], from[3])};
    halves[half][0] = zip_pairs(left[0], left[1], false);
    halves[half][1] = zip_pairs(left[0], left[1], true);
    halves[half][2] = zip_pairs(right[0], right[1], false);
    halves[half][3] = zip_pairs(right[0], right[1], true);
  }
  for (int i = 0; i < 4; ++i) {
    const int64x2_t upper = vreinterpretq_s64_s16(halves[0][i]);
    const int64x2_t lower = vreinterpretq_s64_s16(halves[1][i]);
    rows[2 * i] = vreinterpretq_s16_s64(vzip1q_s64(upper, lower));
    rows[2 * i + 1] = vreinterpretq_s16_s64(vzip2q_s64(upper, lower));
  }
}

// Gives the sums of the columns' absolute values.
template <bool kQuarter>
inline uint16x8_t transform(const std::int16_t* coefficients, const std::int16_t* quantization,
                            std::uint8_t* target, std::size_t stride) {
  constexpr int kRows = kQuarter ? 4 : 8;
  int16x8_t rows[8];
  uint16x8_t sums = vdupq_n_u16(0);
  for (int y = 0; y < kRows; ++y) {
    rows[y] = vmulq_s16(vld1q_s16(coefficients + 8 * y), vld1q_s16(quantization + 8 * y));
    sums = vqaddq_u16(sums, vreinterpretq_u16_s16(vabsq_s16(rows[y])));
  }
  for (int y = kRows; y < 8; ++y) rows[y] = vdupq_n_s16(0);
  pass<kQuarter, kFirstShift>(rows);
  transpose(rows);
  pass<kQuarter, kSecondShift>(rows);
  transpose(rows);
  for (int y = 0; y < 8; ++y) {
    const uint8x8_t centred = vreinterpret_u8_s8(vqmovn_s16(rows[y]));
    vst1_u8(target + y * stride, veor_u8(centred, vdup_n_u8(0x80)));
  }
  return sums;
}

bool inverse_dct(const BlockRow& row) {
  uint16x8_t worst = vdupq_n_u16(0);
  for (int block = 0; block < row.blocks; ++block) {
    std::int16_t* coefficients = row.coefficients + kBlockSize * block;
    std::uint8_t* target = row.target + kBlockSide * block;
    const int last = row.last[block];
    if (last == 0) {
      const int mean = coefficients[0] * row.quantization[0];
      if (mean > kLargestColumn || mean < -kLargestColumn) return false;
      coefficients[0] = 0;
      const uint8x8_t pixels = vdup_n_u8(flat_pixel(mean));
      for (int y = 0; y < kBlockSide; ++y) vst1_u8(target + y * row.stride, pixels);
      continue;
    }
    const uint16x8_t sums =
        last <= kLastOfQuarter
            ? transform<true>(coefficients, row.quantization, target, row.stride)
            : transform<false>(coefficients, row.quantization, target, row.stride);
    worst = vmaxq_u16(worst, sums);
    std::memset(coefficients, 0, kBlockSize * sizeof *coefficients);
  }
  return vmaxvq_u16(worst) <= kLargestColumn;
}

}  // namespace

const IdctKernels kNeonIdct = {inverse_dct};

}  // namespace pixtok::kernels

#endif
