#include "core/regular_file.h"

namespace pixtok::core {

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
