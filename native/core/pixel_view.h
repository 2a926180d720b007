#pragma once

#include <cstdint>

namespace pixtok::core {

// 8-bit pixels as they come: rows from top to bottom without gaps.
// 1 channel: grey; 2: grey and alpha; 3: RGB; 4: RGB and alpha.
struct PixelView {
  const std::uint8_t* data = nullptr;
  int width = 0;
  int height = 0;
  int channels = 3;
  bool padded = false;  // followed by kTailPadding (aligned_buffer.h) readable bytes
};

}  // namespace pixtok::core
