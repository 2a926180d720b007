#pragma once

#include <cstdint>

// Numbers in files, by their low or their high byte first. Precondition: their bytes are readable.
namespace pixtok::decode {

inline std::uint32_t little16(const std::uint8_t* at) {
  return static_cast<std::uint32_t>(at[0] | at[1] << 8);
}

inline std::uint32_t little32(const std::uint8_t* at) {
  return little16(at) | little16(at + 2) << 16;
}

inline std::uint32_t big32(const std::uint8_t* at) {
  return static_cast<std::uint32_t>(at[0]) << 24 | static_cast<std::uint32_t>(at[1]) << 16 |
         static_cast<std::uint32_t>(at[2]) << 8 | at[3];
}

}  // namespace pixtok::decode
