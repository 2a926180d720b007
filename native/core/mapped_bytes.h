#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace pixtok::core {

struct Unmap {
  std::size_t bytes = 0;
  void operator()(void* memory) const;
};

// Memory straight from the system, aligned to pages, and straight back to it: blocks of batch size
// would leave holes in malloc's heap that never shrink.
using MappedBytes = std::unique_ptr<std::uint8_t[], Unmap>;

// Throws std::bad_alloc.
MappedBytes map_bytes(std::size_t bytes);

}  // namespace pixtok::core
