#include "fuzz/visible_bytes.h"

#include <cstddef>
#include <cstring>

namespace pixtok::fuzz {

namespace {

// One component's rows.
struct Plane {
  std::uint8_t* data;
  std::size_t stride;
  std::size_t width;
  std::size_t height;
};

std::vector<Plane> planes_of(const core::PixelView& view) {
  const auto width = static_cast<std::size_t>(view.width);
  const auto height = static_cast<std::size_t>(view.height);
  const auto writable = [](const std::uint8_t* data) { return const_cast<std::uint8_t*>(data); };
  if (!core::is_planar(view.format)) {
    const std::size_t row = width * core::bytes_per_pixel(view.format);
    return {{writable(view.data), row, row, height}};
  }
  std::vector<Plane> planes;
  for (int i = 0; i < 3; ++i) {
    const bool half_width = i > 0 && core::has_half_width_chroma(view.format);
    const bool half_height = i > 0 && core::has_half_height_chroma(view.format);
    planes.push_back({writable(view.planes[i].data), view.planes[i].stride,
                      half_width ? (width + 1) / 2 : width,
                      half_height ? (height + 1) / 2 : height});
  }
  return planes;
}

}  // namespace

std::vector<std::uint8_t> visible_bytes(const core::PixelView& view) {
  std::vector<std::uint8_t> bytes;
  for (const Plane& plane : planes_of(view)) {
    for (std::size_t y = 0; y < plane.height; ++y) {
      const std::uint8_t* row = plane.data + y * plane.stride;
      bytes.insert(bytes.end(), row, row + plane.width);
    }
  }
  return bytes;
}

void paint_over(const core::PixelView& view) {
  for (const Plane& plane : planes_of(view)) {
    for (std::size_t y = 0; y < plane.height; ++y) {
      std::memset(plane.data + y * plane.stride, 0xA5, plane.width);
    }
  }
}

}  // namespace pixtok::fuzz
