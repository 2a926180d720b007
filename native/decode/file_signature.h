#pragma once

#include <cstddef>
#include <cstdint>

namespace pixtok::decode {

// How many bytes of a file these functions look at.
inline constexpr std::size_t kSignatureBytes = 8;

// Start of image, then another marker. Precondition: `size` bytes are readable.
bool is_jpeg(const std::uint8_t* file, std::size_t size);

// Either version of the format. Precondition: as above.
bool is_gif(const std::uint8_t* file, std::size_t size);

// Precondition: as above.
bool is_png(const std::uint8_t* file, std::size_t size);

}  // namespace pixtok::decode
