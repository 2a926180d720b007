#include "transform/white_ground.h"

#include <cstddef>
#include <cstdint>

namespace pixtok::transform {

namespace {

using core::PixelFormat;
using core::PixelView;

constexpr std::uint8_t kWhite = 255;

// libImaging/AlphaComposite.c, of an opaque 255 below: 7 bits of fraction.
std::uint8_t composite(std::uint8_t value, std::uint8_t opacity) {
  const std::uint32_t sum =
      (std::uint32_t{value} * opacity + std::uint32_t{kWhite} * (255U - opacity)) * 128U +
      (0x80U << 7);
  return static_cast<std::uint8_t>((((sum >> 8) + sum) >> 8) >> 7);
}

// Pixels of some colours and then alpha.
PixelView without_alpha(const PixelView& pixels, std::size_t colours, PixelFormat format,
                        core::ScratchBuffer& target) {
  const std::size_t count =
      static_cast<std::size_t>(pixels.width) * static_cast<std::size_t>(pixels.height);
  std::uint8_t* to = target.reserve(colours * count);
  const PixelView grounded{to, pixels.width, pixels.height, format, true};
  const std::uint8_t* from = pixels.data;
  for (std::size_t i = 0; i < count; ++i, from += colours + 1) {
    for (std::size_t c = 0; c < colours; ++c) *to++ = composite(from[c], from[colours]);
  }
  return grounded;
}

}  // namespace

PixelView on_white(const PixelView& pixels, GroundScratch& scratch) {
  switch (pixels.format) {
    case PixelFormat::kGreyAlpha:
      return without_alpha(pixels, 1, PixelFormat::kGrey, scratch.pixels);
    case PixelFormat::kRgba:
      return without_alpha(pixels, 3, PixelFormat::kRgb, scratch.pixels);
    case PixelFormat::kIndexed:
      break;
    default:
      return pixels;
  }
  for (std::size_t i = 0; i < scratch.palette.size(); ++i) {
    const auto [red, green, blue, alpha] = (*pixels.palette)[i];
    scratch.palette[i] = {composite(red, alpha), composite(green, alpha), composite(blue, alpha),
                          255};
  }
  PixelView grounded = pixels;
  grounded.palette = &scratch.palette;
  return grounded;
}

}  // namespace pixtok::transform
