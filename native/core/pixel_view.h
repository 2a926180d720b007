#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/aligned_buffer.h"
#include "core/bytes.h"

namespace pixtok::core {

enum class PixelFormat {
  kGrey,
  kGreyAlpha,
  kRgb,
  kRgba,
  kCmyk,          // as Pillow holds it: 255 is full ink
  kInvertedCmyk,  // as Adobe stores it in JPEG files: 0 is full ink
  kGrey16,        // 16-bit, of this machine's byte order
  kPlanarRgb,     // from here on in planes: red, green and blue,
  kYcc444,        // or luma and chroma as JPEG defines them, chroma of the same size,
  kYcc422,        // half as wide,
  kYcc440,        // half as high,
  kYcc420,        // or both
  kIndexed,       // a byte a pixel, without gaps, of a palette
};

inline bool is_planar(PixelFormat format) {
  return format >= PixelFormat::kPlanarRgb && format <= PixelFormat::kYcc420;
}

inline bool has_half_width_chroma(PixelFormat format) {
  return format == PixelFormat::kYcc422 || format == PixelFormat::kYcc420;
}

inline bool has_half_height_chroma(PixelFormat format) {
  return format == PixelFormat::kYcc440 || format == PixelFormat::kYcc420;
}

// Precondition: not planar.
inline int bytes_per_pixel(PixelFormat format) {
  switch (format) {
    case PixelFormat::kGrey:
    case PixelFormat::kIndexed:
      return 1;
    case PixelFormat::kGreyAlpha:
    case PixelFormat::kGrey16:
      return 2;
    case PixelFormat::kRgb:
      return 3;
    case PixelFormat::kRgba:
    case PixelFormat::kCmyk:
    case PixelFormat::kInvertedCmyk:
    default:
      break;
  }
  return 4;
}

// Red, green, blue and alpha of each index.
using Palette = std::array<std::array<std::uint8_t, 4>, 256>;

// One component: `stride` bytes from a row to the next.
struct PlaneView {
  const std::uint8_t* data = nullptr;
  std::size_t stride = 0;
};

// Pixels as they come: rows from top to bottom. They are in `data` without gaps, or, of a planar
// format, in `planes`. Of luma and chroma, kTailPadding (aligned_buffer.h) bytes after every row
// are readable, and of chroma one byte before it. Chroma that is smaller has half the size, rounded
// up.
struct PixelView {
  const std::uint8_t* data = nullptr;
  int width = 0;
  int height = 0;
  PixelFormat format = PixelFormat::kRgb;
  bool padded = false;  // pixels, or each plane, are followed by kTailPadding readable bytes
  PlaneView planes[3] = {};
  const Palette* palette = nullptr;  // of kIndexed
};

// Bytes of all pixels without gaps. Precondition: grey, packed, or planar of full resolution.
inline std::size_t bytes_of_pixels(PixelFormat format, int width, int height) {
  const int bytes = is_planar(format) ? 3 : bytes_per_pixel(format);
  return static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
         static_cast<std::size_t>(bytes);
}

// Pixels without gaps that start at `offset` of `memory`.
// Preconditions: as above, all of `memory` is readable, and they lie within it.
inline PixelView pixels_in(Bytes memory, std::size_t offset, PixelFormat format, int width,
                           int height) {
  const std::size_t behind = memory.size - offset - bytes_of_pixels(format, width, height);
  PixelView view{memory.data + offset, width, height, format, behind >= kTailPadding};
  if (!is_planar(format)) return view;
  const auto stride = static_cast<std::size_t>(width);
  const std::uint8_t* plane = view.data;
  for (PlaneView& channel : view.planes) {
    channel = {plane, stride};
    plane += stride * static_cast<std::size_t>(height);
  }
  return view;
}

}  // namespace pixtok::core
