#include "decode/file_reader.h"

#include <algorithm>
#include <utility>

#include "decode/file_signature.h"

namespace pixtok::decode {

using core::Status;
using core::StatusCode;

namespace {

bool is_machine_fault(StatusCode code) {
  return code == StatusCode::kOutOfMemory || code == StatusCode::kOutOfFileDescriptors ||
         code == StatusCode::kStorageFailed;
}

Status open_version(const std::string& path, const FileRange& range, core::RegularFile& file) {
  Status status = file.open(path);
  if (!range.version.has_value()) return status;
  if (!status.ok()) {
    if (is_machine_fault(status.code)) return status;
    return Status::failure(StatusCode::kSourceChanged,
                           "the file was there and can no longer be read");
  }
  const core::FileVersion& found = file.version();
  if (found.size == range.version->size && found.modified == range.version->modified) {
    return status;
  }
  return Status::failure(StatusCode::kSourceChanged,
                         "the file has been changed since it was opened");
}

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

// Of a format that has one: every one but TGA and those that are declined.
bool has_signature(const std::uint8_t* file, std::size_t size) {
  return is_jpeg(file, size) || is_png(file, size) || is_webp(file, size) || is_gif(file, size) ||
         is_bmp(file, size) || is_qoi(file, size);
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

ReadFile read_whole_file(const std::string& path, const FileRange& range, std::uint64_t most,
                         const std::shared_ptr<core::PagePool>& pool) {
  core::RegularFile file;
  std::uint64_t length = 0;
  const bool opened = open_version(path, range, file).ok() && measure(file, range, length).ok();
  if (!opened || length > most) return {};
  const auto size = static_cast<std::size_t>(length);
  ReadFile read{core::PooledPages(pool, size + core::kTailPadding), size};
  std::uint8_t* target = read.bytes.data();
  const std::size_t first = no_more_than(length, kFirstBytes);
  const auto has_read = [&](std::size_t from, std::size_t bytes) {
    std::size_t done = 0;
    return fill(file, range.offset + from, target + from, bytes, done).ok() && done == bytes;
  };
  if (!has_read(0, first)) return {};
  if (first < size && !(has_signature(target, first) && has_read(first, size - first))) return {};
  return read;
}

Status FileReader::open(const std::string& path, const FileRange& range) {
  bytes_ = nullptr;
  size_ = 0;
  Status status = open_version(path, range, file_);
  if (status.ok()) status = measure(file_, range, length_);
  if (!status.ok()) return status;
  offset_ = range.offset;
  return read_first(kSignatureBytes);
}

void FileReader::open(ReadFile read) {
  whole_ = std::move(read.bytes);
  length_ = read.size;
  bytes_ = whole_.data();
  size_ = no_more_than(length_, kSignatureBytes);
}

void FileReader::close() {
  file_.close();
  whole_ = {};
}

Status FileReader::read_first(std::uint64_t most) {
  const std::size_t wanted = no_more_than(length_, most);
  if (whole_.data() != nullptr) {
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
