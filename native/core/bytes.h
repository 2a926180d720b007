#pragma once

#include <cstddef>
#include <cstdint>

namespace pixtok::core {

// Bytes that somebody else owns.
struct Bytes {
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;

  bool empty() const { return size == 0; }

  // Precondition: count <= size.
  Bytes from(std::size_t count) const { return {data + count, size - count}; }
};

}  // namespace pixtok::core
