#pragma once

#include <cstddef>
#include <cstdint>

namespace pixtok::decode {

// How many bytes of a file these functions look at.
inline constexpr std::size_t kSignatureBytes = 18;

// Start of image, then another marker. Precondition: `size` bytes are readable.
bool is_jpeg(const std::uint8_t* file, std::size_t size);

// Either version of the format. Precondition: as above.
bool is_gif(const std::uint8_t* file, std::size_t size);

// Precondition: as above.
bool is_png(const std::uint8_t* file, std::size_t size);

// A RIFF file of this kind. Precondition: as above.
bool is_webp(const std::uint8_t* file, std::size_t size);

// "BM". Precondition: as above.
bool is_bmp(const std::uint8_t* file, std::size_t size);

// "qoif". Precondition: as above.
bool is_qoi(const std::uint8_t* file, std::size_t size);

}  // namespace pixtok::decode
