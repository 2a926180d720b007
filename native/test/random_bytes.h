#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace pixtok::test {

inline std::vector<std::uint8_t> random_bytes(std::mt19937_64& random, std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  // Runs of extremes make sums clip; noise alone never would.
  const bool extremes = random() % 3 == 0;
  for (std::uint8_t& byte : bytes) {
    const std::uint64_t value = random();
    byte = static_cast<std::uint8_t>(extremes ? (value & 1 ? 255 : 0) : value);
  }
  return bytes;
}

}  // namespace pixtok::test
