#include "decode/file_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "decode/image_header.h"

namespace pixtok::decode {

namespace {

using core::Status;
using core::StatusCode;

Status system_failure(int error) {
  const StatusCode code =
      error == ENOENT || error == ENOTDIR ? StatusCode::kFileNotFound : StatusCode::kFileUnreadable;
  return Status::failure(
      code, code == StatusCode::kFileNotFound
                ? "no such file"
                : "the file cannot be read: " + std::generic_category().message(error));
}

}  // namespace

FileReader::Descriptor& FileReader::Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    reset();
    number_ = other.number_;
    other.number_ = -1;
  }
  return *this;
}

void FileReader::Descriptor::reset() {
  if (number_ >= 0) ::close(number_);
  number_ = -1;
}

Status FileReader::open(const std::string& path, const FileRange& range) {
  bytes_ = nullptr;
  size_ = 0;
  if (path.find('\0') != std::string::npos) return system_failure(ENOENT);
  // Non-blocking: a named pipe must not hold the thread before it is known not to be a file.
  file_ = Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file_.number() < 0) return system_failure(errno);
  struct stat information;
  if (::fstat(file_.number(), &information) != 0) return system_failure(errno);
  if (!S_ISREG(information.st_mode)) {
    return Status::failure(StatusCode::kNotAFile, S_ISDIR(information.st_mode)
                                                      ? "this is a folder, not a picture file"
                                                      : "this is not a regular file");
  }
  const auto file_size = static_cast<std::uint64_t>(information.st_size);
  const std::uint64_t available = file_size - std::min(range.offset, file_size);
  const std::uint64_t length = range.length.value_or(available);
  if (length == 0) return Status::failure(StatusCode::kEmptyFile, "the file is empty");
  if (length > available) {
    return Status::failure(StatusCode::kTruncatedImage,
                           "the file ends before the picture that should be in it");
  }
  offset_ = range.offset;
  length_ = static_cast<std::size_t>(length);
  return read_up_to(std::min(length_, kSignatureBytes));
}

Status FileReader::read_all() { return read_up_to(length_); }

void FileReader::close() { file_.reset(); }

Status FileReader::read_up_to(std::size_t wanted) {
  std::uint8_t* target = buffer_.reserve(wanted);
  std::size_t done = 0;
  while (done < wanted) {
    const ssize_t count =
        ::pread(file_.number(), target + done, wanted - done, static_cast<off_t>(offset_ + done));
    if (count < 0) {
      if (errno == EINTR) continue;
      return system_failure(errno);
    }
    if (count == 0) break;  // the file has become shorter; its decoder will say so
    done += static_cast<std::size_t>(count);
  }
  bytes_ = target;
  size_ = done;
  return Status::success();
}

}  // namespace pixtok::decode
