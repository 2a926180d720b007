#include "decode/file_reader.h"

#include <algorithm>
#include <utility>

#include "decode/file_signature.h"

namespace pixtok::decode {

using core::Status;
using core::StatusCode;

namespace {

// The length of a range that is not empty and lies within the file.
Status measure(const core::RegularFile& file, const FileRange& range, std::uint64_t& length) {
  const std::uint64_t available = file.size() - std::min(range.offset, file.size());
  length = range.length.value_or(available);
  if (length == 0) return Status::failure(StatusCode::kEmptyFile, "the file is empty");
  if (length > available) {
    return Status::failure(StatusCode::kTruncatedImage,
                           "the file ends before the image that should be in it");
  }
  return Status::success();
}

std::size_t no_more_than(std::uint64_t length, std::uint64_t most) {
  return static_cast<std::size_t>(std::min({length, most, std::uint64_t{SIZE_MAX}}));
}

// As many bytes, or fewer where the file has become shorter; its decoder will say so.
Status fill(const core::RegularFile& file, std::uint64_t offset, std::uint8_t* target,
            std::size_t wanted, std::size_t& done) {
  for (done = 0; done < wanted;) {
    std::size_t count = 0;
    const Status status =
        core::read_file(file.handle(), offset + done, target + done, wanted - done, count);
    if (!status.ok()) return status;
    if (count == 0) break;
    done += count;
  }
  return Status::success();
}

}  // namespace

ReadFile read_file(const std::string& path, const FileRange& range, std::uint64_t most) {
  ReadFile read;
  core::RegularFile file;
  read.status = file.open(path);
  if (read.status.ok()) read.status = measure(file, range, read.length);
  if (!read.status.ok()) return read;
  const std::size_t wanted = no_more_than(read.length, most);
  read.bytes = core::allocate_aligned(wanted + core::kTailPadding);
  read.status = fill(file, range.offset, read.bytes.get(), wanted, read.size);
  return read;
}

Status FileReader::open(const std::string& path, const FileRange& range) {
  bytes_ = nullptr;
  size_ = 0;
  Status status = file_.open(path);
  if (status.ok()) status = measure(file_, range, length_);
  if (!status.ok()) return status;
  offset_ = range.offset;
  return read_first(kSignatureBytes);
}

Status FileReader::open(const std::string& path, const FileRange& range, ReadFile read) {
  if (!read.status.ok()) {
    bytes_ = nullptr;
    size_ = 0;
    return read.status;
  }
  if (read.size < read.length) return open(path, range);
  whole_ = std::move(read.bytes);
  length_ = read.length;
  return read_first(kSignatureBytes);
}

void FileReader::close() {
  file_.close();
  whole_.reset();
}

Status FileReader::read_first(std::uint64_t most) {
  const std::size_t wanted = no_more_than(length_, most);
  if (whole_ != nullptr) {
    bytes_ = whole_.get();
    size_ = wanted;
    return Status::success();
  }
  std::uint8_t* target = buffer_.reserve(wanted);
  std::size_t done = 0;
  const Status status = fill(file_, offset_, target, wanted, done);
  if (!status.ok()) return status;
  bytes_ = target;
  size_ = done;
  return Status::success();
}

}  // namespace pixtok::decode
