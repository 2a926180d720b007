#include "transform/orient.h"

#include <cstddef>
#include <cstring>

namespace pixtok::transform {

core::PixelView orient(const core::PixelView& pixels, int orientation,
                       core::ScratchBuffer& scratch) {
  if (orientation < 2 || orientation > 8) return pixels;
  // Orientations 5 to 8 exchange rows and columns; which ends the result starts from is told by
  // where EXIF says that row 0 and column 0 of the stored picture are.
  const bool transposed = orientation >= 5;
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const std::ptrdiff_t bytes = core::bytes_per_pixel(pixels.format);
  const std::ptrdiff_t across = from_right ? -bytes : bytes;
  const std::ptrdiff_t row = bytes * pixels.width;
  const std::ptrdiff_t down = from_bottom ? -row : row;
  const std::uint8_t* start =
      pixels.data + (from_right ? row - bytes : 0) + (from_bottom ? row * (pixels.height - 1) : 0);

  core::PixelView turned = pixels;
  turned.width = transposed ? pixels.height : pixels.width;
  turned.height = transposed ? pixels.width : pixels.height;
  turned.padded = true;
  std::uint8_t* target = scratch.reserve(static_cast<std::size_t>(row * pixels.height));
  turned.data = target;
  const std::ptrdiff_t step_x = transposed ? down : across;
  const std::ptrdiff_t step_y = transposed ? across : down;
  for (int y = 0; y < turned.height; ++y, start += step_y) {
    const std::uint8_t* from = start;
    for (int x = 0; x < turned.width; ++x, from += step_x, target += bytes) {
      std::memcpy(target, from, static_cast<std::size_t>(bytes));
    }
  }
  return turned;
}

}  // namespace pixtok::transform
