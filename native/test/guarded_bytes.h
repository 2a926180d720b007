#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#ifndef _WIN32
#include <sys/mman.h>
#include <unistd.h>
#endif

#include "test/check.h"

namespace pixtok::test {

// A copy of bytes whose end is the end of a page, before one that nobody may read: a read past them
// ends the process. Elsewhere than on POSIX systems a block of their very size, for the address
// sanitizer.
class GuardedBytes {
 public:
#ifndef _WIN32
  GuardedBytes(const std::uint8_t* bytes, std::size_t size) : size_(size) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t readable = (size + page - 1) / page * page;
    mapped_ = readable + page;
    void* memory =
        ::mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    if (memory == MAP_FAILED) return;
    start_ = static_cast<std::uint8_t*>(memory);
    CHECK(::mprotect(start_ + readable, page, PROT_NONE) == 0);
    data_ = start_ + readable - size;
    if (size > 0) std::memcpy(data_, bytes, size);
  }
  ~GuardedBytes() {
    if (start_ != nullptr) ::munmap(start_, mapped_);
  }
#else
  GuardedBytes(const std::uint8_t* bytes, std::size_t size)
      : copy_(bytes, bytes + size), data_(copy_.data()), size_(size) {}
#endif
  explicit GuardedBytes(const std::vector<std::uint8_t>& bytes)
      : GuardedBytes(bytes.data(), bytes.size()) {}
  GuardedBytes(const GuardedBytes&) = delete;
  GuardedBytes& operator=(const GuardedBytes&) = delete;

  const std::uint8_t* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
#ifndef _WIN32
  std::uint8_t* start_ = nullptr;
  std::size_t mapped_ = 0;
#else
  std::vector<std::uint8_t> copy_;
#endif
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace pixtok::test
