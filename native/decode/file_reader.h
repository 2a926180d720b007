#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "core/aligned_buffer.h"
#include "core/status.h"

namespace pixtok::decode {

// Bytes of one file at a time, in memory that is used again.
class FileReader {
 public:
  // Opens a regular file that is not empty and reads its first kSignatureBytes.
  core::Status open(const std::string& path);

  // The signature, after open(); the whole file, after read_all().
  const std::uint8_t* data() const { return bytes_; }
  std::size_t size() const { return size_; }

  // Throws std::bad_alloc.
  core::Status read_all();

  void close();

  void trim(std::size_t keep_at_most) { buffer_.trim(keep_at_most); }

 private:
  class Descriptor {
   public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() { reset(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    Descriptor& operator=(Descriptor&& other) noexcept;
    int number() const { return number_; }
    void reset();

   private:
    int number_ = -1;
  };

  core::Status read_up_to(std::size_t wanted);

  Descriptor file_;
  std::size_t file_size_ = 0;
  core::ScratchBuffer buffer_;
  const std::uint8_t* bytes_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace pixtok::decode
