#include "decode/file_reader.h"

#include <algorithm>

#include "decode/file_signature.h"

namespace pixtok::decode {

using core::Status;
using core::StatusCode;

Status FileReader::open(const std::string& path, const FileRange& range) {
  bytes_ = nullptr;
  size_ = 0;
  const Status opened = file_.open(path);
  if (!opened.ok()) return opened;
  const std::uint64_t available = file_.size() - std::min(range.offset, file_.size());
  const std::uint64_t length = range.length.value_or(available);
  if (length == 0) return Status::failure(StatusCode::kEmptyFile, "the file is empty");
  if (length > available) {
    return Status::failure(StatusCode::kTruncatedImage,
                           "the file ends before the image that should be in it");
  }
  offset_ = range.offset;
  length_ = length;
  return read_first(kSignatureBytes);
}

void FileReader::close() { file_.close(); }

Status FileReader::read_first(std::uint64_t most) {
  const auto wanted = static_cast<std::size_t>(std::min({length_, most, std::uint64_t{SIZE_MAX}}));
  std::uint8_t* target = buffer_.reserve(wanted);
  std::size_t done = 0;
  while (done < wanted) {
    std::size_t count = 0;
    const Status status =
        core::read_file(file_.handle(), offset_ + done, target + done, wanted - done, count);
    if (!status.ok()) return status;
    if (count == 0) break;  // the file has become shorter; its decoder will say so
    done += count;
  }
  bytes_ = target;
  size_ = done;
  return Status::success();
}

}  // namespace pixtok::decode
