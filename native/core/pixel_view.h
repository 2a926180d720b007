#pragma once

#include <cstdint>

namespace pixtok::core {

enum class PixelFormat {
  kGrey,
  kGreyAlpha,
  kRgb,
  kRgba,
  kCmyk,          // as Pillow holds it: 255 is full ink
  kInvertedCmyk,  // as Adobe stores it in JPEG files: 0 is full ink
  kGrey16,        // 16-bit, of this machine's byte order
};

inline int bytes_per_pixel(PixelFormat format) {
  switch (format) {
    case PixelFormat::kGrey:
      return 1;
    case PixelFormat::kGreyAlpha:
    case PixelFormat::kGrey16:
      return 2;
    case PixelFormat::kRgb:
      return 3;
    case PixelFormat::kRgba:
    case PixelFormat::kCmyk:
    case PixelFormat::kInvertedCmyk:
      break;
  }
  return 4;
}

// Pixels as they come: rows from top to bottom without gaps.
struct PixelView {
  const std::uint8_t* data = nullptr;
  int width = 0;
  int height = 0;
  PixelFormat format = PixelFormat::kRgb;
  bool padded = false;  // followed by kTailPadding (aligned_buffer.h) readable bytes
};

}  // namespace pixtok::core
