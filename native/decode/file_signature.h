#pragma once

#include <cstddef>
#include <cstdint>

#include "core/status.h"

namespace pixtok::decode {

// How many bytes of a file is_jpeg() looks at.
inline constexpr std::size_t kSignatureBytes = 3;

// Start of image, then another marker. Precondition: `size` bytes are readable.
bool is_jpeg(const std::uint8_t* file, std::size_t size);

core::Status too_many_pixels(std::int64_t width, std::int64_t height, std::int64_t max_pixels);

}  // namespace pixtok::decode
