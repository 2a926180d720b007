#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/aligned_buffer.h"

#if defined(__x86_64__) || defined(_M_X64)
#include <emmintrin.h>
#endif

namespace pixtok::core {

// How far an address is behind the start of its cache line.
inline std::size_t place_in_line(const void* address) {
  return reinterpret_cast<std::uintptr_t>(address) % kAlignment;
}

// Bytes to memory that is larger than the caches, around them: whole lines are not read before they
// are written, and displace nothing. Whoever hands the memory to another thread does so by an
// instruction with a lock prefix, which orders these stores as well. Precondition: both are at the
// same place in a line.
inline void streamed_copy(const std::uint8_t* from, std::size_t bytes, std::uint8_t* to) {
#if defined(__x86_64__) || defined(_M_X64)
  const std::size_t head = std::min(bytes, (kAlignment - place_in_line(to)) % kAlignment);
  std::memcpy(to, from, head);
  std::size_t at = head;
  for (; at + kAlignment <= bytes; at += kAlignment) {
    for (std::size_t part = 0; part < kAlignment; part += sizeof(__m128i)) {
      const auto* source = reinterpret_cast<const __m128i*>(from + at + part);
      _mm_stream_si128(reinterpret_cast<__m128i*>(to + at + part), _mm_load_si128(source));
    }
  }
  std::memcpy(to + at, from + at, bytes - at);
#else
  std::memcpy(to, from, bytes);
#endif
}

}  // namespace pixtok::core
