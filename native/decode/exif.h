#pragma once

#include <cstddef>
#include <cstdint>

namespace pixtok::decode {

// The orientation that a JPEG file's EXIF data declare, 1 to 8; 1 where they declare none that can
// be read.
int jpeg_orientation(const std::uint8_t* file, std::size_t size);

}  // namespace pixtok::decode
