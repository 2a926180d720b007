#include "core/regular_file.h"

namespace pixtok::core {

Status RegularFile::open(const std::string& path) {
  close();
  return open_file(path, handle_, version_);
}

void RegularFile::close() {
  if (handle_ != kNoFile) close_file(handle_);
  handle_ = kNoFile;
  version_ = {};
}

}  // namespace pixtok::core
