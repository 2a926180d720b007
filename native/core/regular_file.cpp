#include "core/regular_file.h"

#include <utility>

namespace pixtok::core {

RegularFile& RegularFile::operator=(RegularFile&& other) noexcept {
  if (this != &other) {
    close();
    handle_ = std::exchange(other.handle_, kNoFile);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

Status RegularFile::open(const std::string& path) {
  close();
  return open_file(path, handle_, size_);
}

void RegularFile::close() {
  if (handle_ != kNoFile) close_file(handle_);
  handle_ = kNoFile;
  size_ = 0;
}

}  // namespace pixtok::core
