#pragma once

#include <cstddef>
#include <cstdint>

namespace pixtok::decode {

// Matrix coefficients as ITU-T H.273 numbers them.
enum class YccMatrix {
  kIdentity = 0,  // the three samples are G, B, R
  kBt709 = 1,
  kUnspecified = 2,  // BT.601
  kFcc = 4,
  kBt470Bg = 5,  // BT.601
  kBt601 = 6,
  kSmpte240 = 7,
  kBt2020 = 9,
};

bool is_known_matrix(int number);

// Samples of an image: Cr, Y, Cb for each pixel, rows without gaps. Chroma that is stored at a
// lower resolution has been repeated.
struct YccImage {
  const void* samples = nullptr;  // 8 bits each, or 16 bits whose upper `bits` count
  int channels = 3;               // 4: with an alpha that the colours are multiplied by
  int width = 0;
  int height = 0;
  int bits = 8;  // 8, 10 or 12
  YccMatrix matrix = YccMatrix::kUnspecified;
  bool full_range = true;
  bool grey = false;  // all three samples are Y
  bool half_width = false;
  bool half_height = false;
};

// As libavif with libyuv: chroma between samples is interpolated linearly; BT.601, BT.709 and
// BT.2020 go through libyuv's arithmetic on the upper 8 bits, all else through floating point.
// `rgb` has 3 * width * height bytes. Throws std::bad_alloc.
void ycc_to_rgb(const YccImage& image, std::uint8_t* rgb);

}  // namespace pixtok::decode
