#pragma once

#include <cstddef>
#include <cstdint>

#include "core/aligned_buffer.h"

namespace pixtok::transform {

// Red, green and blue, a plane after the other, that operations read and write. Every row is
// followed by core::kTailPadding bytes that may be read.
struct ByteImage {
  std::uint8_t* data = nullptr;
  int width = 0;
  int height = 0;

  static ByteImage in(core::ScratchBuffer& memory, int width, int height) {
    ByteImage image{nullptr, width, height};
    image.data = memory.reserve(3 * image.plane_bytes());
    return image;
  }

  std::size_t plane_bytes() const {
    return static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  }
  std::uint8_t* plane(int channel) const {
    return data + static_cast<std::size_t>(channel) * plane_bytes();
  }
  std::uint8_t* row(int channel, int y) const {
    return plane(channel) + static_cast<std::size_t>(y) * static_cast<std::size_t>(width);
  }
};

}  // namespace pixtok::transform
