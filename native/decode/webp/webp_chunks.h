#pragma once

#include <cstddef>
#include <cstdint>

// What WebP files are made of (RFC 9649, section 2).
namespace pixtok::decode {

inline constexpr std::size_t kRiffHeader = 12;
inline constexpr std::size_t kChunkHeader = 8;  // its name, and the size of what follows
inline constexpr std::size_t kExtendedHeader = 10;
inline constexpr std::uint32_t kMostChunkBytes = UINT32_MAX - kChunkHeader - 1;
inline constexpr std::uint64_t kTooManyWebpPixels = std::uint64_t{1} << 32;

constexpr std::uint32_t chunk_name(const char (&text)[5]) {
  std::uint32_t name = 0;
  for (int i = 3; i >= 0; --i) name = name << 8 | static_cast<std::uint8_t>(text[i]);
  return name;
}

inline constexpr std::uint32_t kExtended = chunk_name("VP8X");
inline constexpr std::uint32_t kLossy = chunk_name("VP8 ");
inline constexpr std::uint32_t kLossless = chunk_name("VP8L");
inline constexpr std::uint32_t kAlphaPlane = chunk_name("ALPH");

// Of an extended file.
enum WebpFlag : std::uint8_t {
  kAnimationFlag = 0x02,
  kXmpFlag = 0x04,
  kExifFlag = 0x08,
  kAlphaFlag = 0x10,
  kIccFlag = 0x20,
};

}  // namespace pixtok::decode
