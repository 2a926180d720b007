#include "transform/rgb_rows.h"

#include <algorithm>
#include <cstring>

namespace pixtok::transform {

namespace {

using core::PixelFormat;
using core::PixelView;

// One byte of grey a pixel, or the red, green and blue that a pixel starts with.
void convert_channels(const std::uint8_t* source, std::size_t pixels, int bytes, bool grey,
                      std::uint8_t* rgb) {
  const int green = grey ? 0 : 1;
  const int blue = grey ? 0 : 2;
  for (std::size_t i = 0; i < pixels; ++i, source += bytes, rgb += 3) {
    rgb[0] = source[0];
    rgb[1] = source[green];
    rgb[2] = source[blue];
  }
}

// (255 - K) - m(C, 255 - K) with m(a, b) = (t + (t >> 8)) >> 8, t = a * b + 128. `flip` is 0, or
// 255 where bytes are stored inverted.
void convert_cmyk(const std::uint8_t* source, std::size_t pixels, int flip, std::uint8_t* rgb) {
  for (std::size_t i = 0; i < pixels; ++i, source += 4, rgb += 3) {
    const int light = 255 - (source[3] ^ flip);
    for (int channel = 0; channel < 3; ++channel) {
      const int product = (source[channel] ^ flip) * light + 128;
      rgb[channel] =
          static_cast<std::uint8_t>(std::max(0, light - ((product + (product >> 8)) >> 8)));
    }
  }
}

// Pillow clips 16-bit grey rather than scale it.
void convert_grey16(const std::uint8_t* source, std::size_t pixels, std::uint8_t* rgb) {
  for (std::size_t i = 0; i < pixels; ++i, rgb += 3) {
    std::uint16_t value = 0;
    std::memcpy(&value, source + 2 * i, sizeof value);
    std::memset(rgb, std::min<int>(value, 255), 3);
  }
}

const std::uint8_t* convert(const PixelView& view, core::ScratchBuffer& scratch) {
  const std::size_t pixels =
      static_cast<std::size_t>(view.width) * static_cast<std::size_t>(view.height);
  std::uint8_t* rgb = scratch.reserve(3 * pixels);
  switch (view.format) {
    case PixelFormat::kGrey:
    case PixelFormat::kGreyAlpha:
    case PixelFormat::kRgb:
    case PixelFormat::kRgba: {
      const int bytes = core::bytes_per_pixel(view.format);
      convert_channels(view.data, pixels, bytes, bytes < 3, rgb);
      break;
    }
    case PixelFormat::kCmyk:
      convert_cmyk(view.data, pixels, 0, rgb);
      break;
    case PixelFormat::kInvertedCmyk:
      convert_cmyk(view.data, pixels, 255, rgb);
      break;
    case PixelFormat::kGrey16:
      convert_grey16(view.data, pixels, rgb);
      break;
  }
  return rgb;
}

}  // namespace

RgbRows::RgbRows(const PixelView& view, core::ScratchBuffer& scratch)
    : width_(view.width),
      height_(view.height),
      stride_(3 * static_cast<std::size_t>(view.width)),
      data_(view.format == PixelFormat::kRgb ? view.data : convert(view, scratch)),
      staged_from_(view.height) {
  if (view.format != PixelFormat::kRgb || view.padded) return;
  const std::size_t rows = core::kTailPadding / stride_ + 1;
  staged_from_ -= static_cast<int>(std::min<std::size_t>(rows, height_));
  const std::size_t bytes = (height_ - staged_from_) * stride_;
  std::uint8_t* staged = scratch.reserve(bytes);
  std::memcpy(staged, data_ + staged_from_ * stride_, bytes);
  staged_ = staged;
}

}  // namespace pixtok::transform
