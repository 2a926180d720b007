#include "core/half_float.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace pixtok::core {

std::uint16_t to_half(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  const std::uint16_t sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000U);
  if (std::isnan(value)) return static_cast<std::uint16_t>(sign | 0x7E00U);
  // What is larger becomes infinity, as 2^16 does.
  const float magnitude = std::min(std::fabs(value), 0x1p16F);
  // Below 2^-14 a half is a whole multiple of 2^-24; above, it has 10 fraction bits.
  const bool subnormal = magnitude < 0x1p-14F;
  int exponent = 0;
  std::frexp(magnitude, &exponent);
  const int fraction_bits = subnormal ? 24 : 11 - exponent;
  const auto units = static_cast<std::uint32_t>(
      std::nearbyint(std::ldexp(static_cast<double>(magnitude), fraction_bits)));
  if (subnormal) return static_cast<std::uint16_t>(sign | units);
  // `units` is in [2^10, 2^11]; its leading bit, or a carry, adds to the exponent field.
  return static_cast<std::uint16_t>(sign |
                                    ((static_cast<std::uint32_t>(exponent + 13) << 10) + units));
}

}  // namespace pixtok::core
