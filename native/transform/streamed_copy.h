#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/aligned_buffer.h"
#include "kernels/normalize/normalize_kernels.h"

namespace pixtok::transform {

// How far an address is behind the start of its cache line.
inline std::size_t place_in_line(const void* address) {
  return reinterpret_cast<std::uintptr_t>(address) % core::kAlignment;
}

// A copy that is made in parts, between which the thread does other work: a processor goes on while
// as many lines as its buffers take are on their way to memory, and waits for the next.
class StreamedCopy {
 public:
  explicit StreamedCopy(kernels::StoreLines store_lines) : store_lines_(store_lines) {}

  // Preconditions: both are at the same place in a line, and the copy before has ended.
  void begin(const std::uint8_t* from, std::size_t bytes, std::uint8_t* to) {
    const std::size_t rest = (core::kAlignment - place_in_line(to)) % core::kAlignment;
    const std::size_t head = std::min(bytes, rest);
    std::memcpy(to, from, head);
    from_ = from + head;
    to_ = to + head;
    bytes_ = bytes - head;
  }

  // So many lines more, where there are as many.
  void go_on(std::size_t lines) {
    const std::size_t stored = std::min(lines, bytes_ / core::kAlignment);
    if (stored == 0) return;
    store_lines_(from_, stored, to_);
    from_ += stored * core::kAlignment;
    to_ += stored * core::kAlignment;
    bytes_ -= stored * core::kAlignment;
  }

  void end() {
    go_on(bytes_ / core::kAlignment);
    if (bytes_ > 0) std::memcpy(to_, from_, bytes_);
    bytes_ = 0;
  }

 private:
  const kernels::StoreLines store_lines_;
  const std::uint8_t* from_ = nullptr;
  std::uint8_t* to_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace pixtok::transform
