#pragma once

#include <algorithm>
#include <cstdint>

namespace pixtok::transform {

// Pillow's Image.blend of one value: `factor` of the way from `from` to `to`, or past it.
inline std::uint8_t blend(std::uint8_t from, std::uint8_t to, float factor) {
  const float value =
      static_cast<float>(from) + factor * static_cast<float>(static_cast<int>(to) - from);
  return static_cast<std::uint8_t>(std::clamp(value, 0.0F, 255.0F));
}

}  // namespace pixtok::transform
