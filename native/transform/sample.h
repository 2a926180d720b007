#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "core/pixel_view.h"

namespace pixtok::transform {

// A picture file on disk.
struct FileSample {
  std::string path;
};

// A picture file in memory.
struct EncodedSample {
  const std::uint8_t* data;
  std::size_t size;
};

// Decoded pixels.
struct RawSample {
  core::PixelView pixels;
};

using Sample = std::variant<FileSample, EncodedSample, RawSample>;

}  // namespace pixtok::transform
