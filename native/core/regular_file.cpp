#include "core/regular_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace pixtok::core {

RegularFile& RegularFile::operator=(RegularFile&& other) noexcept {
  if (this != &other) {
    close();
    descriptor_ = std::exchange(other.descriptor_, -1);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

Status RegularFile::open(const std::string& path) {
  close();
  if (path.find('\0') != std::string::npos) return failure(ENOENT);
  // Non-blocking: a named pipe must not hold the thread before it is known not to be a file.
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) return failure(errno);
  struct stat information;
  if (::fstat(descriptor_, &information) != 0) return failure(errno);
  if (!S_ISREG(information.st_mode)) {
    return Status::failure(StatusCode::kNotAFile, S_ISDIR(information.st_mode)
                                                      ? "this is a folder, not a file"
                                                      : "this is not a regular file");
  }
  size_ = static_cast<std::uint64_t>(information.st_size);
  return Status::success();
}

void RegularFile::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
  size_ = 0;
}

Status RegularFile::failure(int error) {
  if (error == ENOENT || error == ENOTDIR) {
    return Status::failure(StatusCode::kFileNotFound, "no such file");
  }
  return Status::failure(StatusCode::kFileUnreadable,
                         "the file cannot be read: " + std::generic_category().message(error));
}

}  // namespace pixtok::core
