#include "transform/orient.h"

#include <cstddef>
#include <cstring>
#include <iterator>

namespace pixtok::transform {

namespace {

// Where pixels come from, in bytes: from one of the result to the next, and from row to row.
// Orientations 5 to 8 exchange rows and columns; which ends the result starts from follows from
// where EXIF says that row 0 and column 0 of the stored image are.
struct Turn {
  Turn(int width, int height, int orientation, std::ptrdiff_t pixel, std::ptrdiff_t row) {
    const bool transposed = orientation >= 5;
    const bool from_right =
        orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    const bool from_bottom =
        orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    const std::ptrdiff_t across = from_right ? -pixel : pixel;
    const std::ptrdiff_t down = from_bottom ? -row : row;
    start = (from_right ? pixel * (width - 1) : 0) + (from_bottom ? row * (height - 1) : 0);
    step_x = transposed ? down : across;
    step_y = transposed ? across : down;
    turned_width = transposed ? height : width;
    turned_height = transposed ? width : height;
  }

  // The turned pixels, rows without gaps.
  void copy(const std::uint8_t* source, std::ptrdiff_t pixel, std::uint8_t* target) const {
    source += start;
    for (int y = 0; y < turned_height; ++y, source += step_y) {
      const std::uint8_t* from = source;
      for (int x = 0; x < turned_width; ++x, from += step_x, target += pixel) {
        std::memcpy(target, from, static_cast<std::size_t>(pixel));
      }
    }
  }

  std::ptrdiff_t start;
  std::ptrdiff_t step_x;
  std::ptrdiff_t step_y;
  int turned_width;
  int turned_height;
};

}  // namespace

core::PixelView orient(const core::PixelView& pixels, int orientation,
                       core::ScratchBuffer& scratch) {
  const bool planar = core::is_planar(pixels.format);
  const std::size_t area =
      static_cast<std::size_t>(pixels.width) * static_cast<std::size_t>(pixels.height);
  const std::ptrdiff_t pixel = planar ? 1 : core::bytes_per_pixel(pixels.format);
  const Turn packed(pixels.width, pixels.height, orientation, pixel, pixel * pixels.width);
  core::PixelView turned{nullptr, packed.turned_width, packed.turned_height, pixels.format, true};
  if (!planar) {
    std::uint8_t* target = scratch.reserve(static_cast<std::size_t>(pixel) * area);
    packed.copy(pixels.data, pixel, target);
    turned.data = target;
    turned.palette = pixels.palette;
    return turned;
  }
  std::uint8_t* target = scratch.reserve(3 * area);
  for (std::size_t i = 0; i < std::size(turned.planes); ++i) {
    const core::PlaneView& plane = pixels.planes[i];
    const Turn turn(pixels.width, pixels.height, orientation, pixel,
                    static_cast<std::ptrdiff_t>(plane.stride));
    turn.copy(plane.data, pixel, target);
    turned.planes[i] = {target, static_cast<std::size_t>(turned.width)};
    target += area;
  }
  return turned;
}

}  // namespace pixtok::transform
