#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

#include "core/platform.h"

namespace pixtok::core {

inline constexpr std::size_t kAlignment = 64;

// Kernels may read and write this many bytes past the end of a row; the values do not matter.
inline constexpr std::size_t kTailPadding = 64;

struct FreeDeleter {
  void operator()(void* memory) const { free_aligned_memory(memory); }
};

using AlignedBytes = std::unique_ptr<std::uint8_t[], FreeDeleter>;

inline std::size_t round_up(std::size_t bytes, std::size_t multiple) {
  return (bytes + multiple - 1) / multiple * multiple;
}

// Throws std::bad_alloc when there is no memory, or `bytes` is absurd.
inline AlignedBytes allocate_aligned(std::size_t bytes) {
  if (bytes > SIZE_MAX - kAlignment) throw std::bad_alloc();
  void* memory = allocate_aligned_memory(kAlignment, round_up(bytes == 0 ? 1 : bytes, kAlignment));
  if (memory == nullptr) throw std::bad_alloc();
  return AlignedBytes(static_cast<std::uint8_t*>(memory));
}

// Whole pages that are the system's again when this ends.
class PageBytes {
 public:
  PageBytes() = default;
  // Throws std::bad_alloc.
  explicit PageBytes(std::size_t bytes)
      : data_(static_cast<std::uint8_t*>(allocate_pages(bytes))), bytes_(bytes) {
    if (data_ == nullptr) throw std::bad_alloc();
  }
  ~PageBytes() {
    if (data_ != nullptr) free_pages(data_, bytes_);
  }
  PageBytes(PageBytes&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  PageBytes& operator=(PageBytes&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }

  std::uint8_t* data() const { return data_; }
  std::size_t size() const { return bytes_; }

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t bytes_ = 0;
};

// Scratch memory that grows to what was asked for and is used again. The contents do not survive
// `reserve`. Always followed by kTailPadding readable and writable bytes.
class ScratchBuffer {
 public:
  std::uint8_t* reserve(std::size_t bytes) {
    if (bytes > capacity_ || memory_ == nullptr) {
      memory_.reset();
      capacity_ = 0;
      memory_ = allocate_aligned(bytes + kTailPadding);
      capacity_ = bytes;
    }
    return memory_.get();
  }

  // One huge image must not hold its memory for as long as the thread lives.
  void trim(std::size_t keep_at_most) {
    if (capacity_ > keep_at_most) {
      memory_.reset();
      capacity_ = 0;
    }
  }

  std::uint8_t* data() { return memory_.get(); }
  const std::uint8_t* data() const { return memory_.get(); }

 private:
  AlignedBytes memory_;
  std::size_t capacity_ = 0;
};

}  // namespace pixtok::core
