#pragma once

#include <cstddef>
#include <cstdint>

namespace pixtok::kernels {

inline constexpr int kBlockSide = 8;
inline constexpr int kBlockSize = 64;

// No kernel takes more blocks at a time.
inline constexpr int kMostBlocksAtOnce = 4;

// Blocks of one component, one after another, which become pixels side by side. Coefficients are in
// the order of rows.
struct BlockRow {
  std::int16_t* coefficients;  // at a multiple of core::kAlignment
  const std::uint8_t* last;    // of each block: no coefficient behind it in zigzag order is not 0
  int blocks;
  const std::int16_t* quantization;  // in the order of rows
  std::uint8_t* target;
  std::size_t stride;
};

// Dequantization and inverse DCT (ITU-T T.81, A.3.3 and A.3.4), by libjpeg's accurate integer
// method: two passes with 13 fraction bits, two more bits between them. Leaves the coefficients
// zero.
//
// False, and pixels and coefficients that do not matter, where the absolute dequantized values of a
// column sum up to more than kLargestColumn. No image of 8 bits has such blocks. Up to there all
// versions of libjpeg-turbo agree, and 16 bits hold all that they hold in 16 bits.
//
// Preconditions: products of coefficients and quantization fit 16 bits; up to the next multiple of
// kMostBlocksAtOnce, blocks are writable and zero.
using InverseDct = bool (*)(const BlockRow& row);

inline constexpr int kLargestColumn = 2950;

struct IdctKernels {
  InverseDct inverse_dct;
};

extern const IdctKernels kScalarIdct;
extern const IdctKernels kAvx2Idct;
extern const IdctKernels kAvx512Idct;
extern const IdctKernels kNeonIdct;

// What the method multiplies by. It is that of Loeffler, Ligtenberg and Moschytz, multiplied out,
// with libjpeg's rounded constants.
namespace idct {

inline constexpr int kFractionBits = 13;
inline constexpr int kExtraBits = 2;
inline constexpr int kFirstShift = kFractionBits - kExtraBits;
inline constexpr int kSecondShift = kFractionBits + kExtraBits + 3;

// The last place in zigzag order up to which all coefficients are in the upper left quarter.
inline constexpr int kLastOfQuarter = 9;

inline constexpr int kOne = 1 << kFractionBits;
inline constexpr int k0_298631336 = 2446;
inline constexpr int k0_390180644 = 3196;
inline constexpr int k0_541196100 = 4433;
inline constexpr int k0_765366865 = 6270;
inline constexpr int k0_899976223 = 7373;
inline constexpr int k1_175875602 = 9633;
inline constexpr int k1_501321110 = 12299;
inline constexpr int k1_847759065 = 15137;
inline constexpr int k1_961570560 = 16069;
inline constexpr int k2_053119869 = 16819;
inline constexpr int k2_562915447 = 20995;
inline constexpr int k3_072711026 = 25172;

// What inputs 2 and 6 give to outputs 0 and 7 (and, subtracted, to 3 and 4), and to 1 and 6 (and,
// subtracted, to 2 and 5).
inline constexpr int kEven[2][2] = {
    {k0_541196100 + k0_765366865, k0_541196100},
    {k0_541196100, k0_541196100 - k1_847759065},
};

// What inputs 1, 3, 5 and 7 give to output i, and, subtracted, to output 7 - i.
inline constexpr int kOdd[4][4] = {
    {k1_501321110 - k0_899976223 + k1_175875602 - k0_390180644, k1_175875602,
     k1_175875602 - k0_390180644, k1_175875602 - k0_899976223},
    {k1_175875602, k3_072711026 - k2_562915447 + k1_175875602 - k1_961570560,
     k1_175875602 - k2_562915447, k1_175875602 - k1_961570560},
    {k1_175875602 - k0_390180644, k1_175875602 - k2_562915447,
     k2_053119869 - k2_562915447 + k1_175875602 - k0_390180644, k1_175875602},
    {k1_175875602 - k0_899976223, k1_175875602 - k1_961570560, k1_175875602,
     k0_298631336 - k0_899976223 + k1_175875602 - k1_961570560},
};

// A block of nothing but its mean, which both passes leave in peace.
constexpr std::uint8_t flat_pixel(int mean) {
  const int value = ((mean + 4) >> 3) + 128;
  return static_cast<std::uint8_t>(value < 0 ? 0 : value > 255 ? 255 : value);
}

}  // namespace idct

}  // namespace pixtok::kernels
