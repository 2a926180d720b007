#pragma once

#include <cstdint>
#include <string>

#include "core/platform.h"
#include "core/status.h"

namespace pixtok::core {

// A file that is open for reading; it is closed with this object.
class RegularFile {
 public:
  RegularFile() = default;
  ~RegularFile() { close(); }
  RegularFile(const RegularFile&) = delete;
  RegularFile& operator=(const RegularFile&) = delete;

  // Fails for folders, pipes and whatever else is no regular file.
  Status open(const std::string& path);
  void close();

  FileHandle handle() const { return handle_; }
  // When it was opened.
  std::uint64_t size() const { return version_.size; }
  const FileVersion& version() const { return version_; }

 private:
  FileHandle handle_ = kNoFile;
  FileVersion version_;
};

}  // namespace pixtok::core
