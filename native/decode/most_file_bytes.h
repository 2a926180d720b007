#pragma once

#include <algorithm>
#include <cstdint>

namespace pixtok::decode {

// No more than this is read of a file, or what its image can take where that is more: what is
// behind is something else.
inline constexpr std::uint64_t kMostFileBytes = std::uint64_t{64} << 20;

// Of a file whose image has so many pixels, and can take so many bytes. An image of too many pixels
// is refused by its header.
inline std::uint64_t most_file_bytes(std::int64_t pixels, std::int64_t max_pixels,
                                     std::uint64_t image_bytes) {
  return pixels > max_pixels ? kMostFileBytes : std::max(kMostFileBytes, image_bytes);
}

}  // namespace pixtok::decode
