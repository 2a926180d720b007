#pragma once

#include <cstdint>
#include <string>

#include "core/status.h"

namespace pixtok::core {

// A file that is open for reading; it is closed with this object.
class RegularFile {
 public:
  RegularFile() = default;
  ~RegularFile() { close(); }
  RegularFile(const RegularFile&) = delete;
  RegularFile& operator=(const RegularFile&) = delete;
  RegularFile& operator=(RegularFile&& other) noexcept;

  // Fails for folders, pipes and whatever else is no regular file.
  Status open(const std::string& path);
  void close();

  int descriptor() const { return descriptor_; }
  // When it was opened.
  std::uint64_t size() const { return size_; }

  // What errno says as a failure to read.
  static Status failure(int error);

 private:
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace pixtok::core
