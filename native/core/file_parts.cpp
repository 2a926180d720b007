#include "core/file_parts.h"

#include <algorithm>

#include "core/platform.h"

namespace pixtok::core {

Status read_file_part(const RegularFile& file, const FilePart& part) {
  std::size_t filled = 0;
  while (filled < part.size) {
    std::size_t more = 0;
    const Status status = read_file(file.handle(), part.offset + filled, part.bytes + filled,
                                    part.size - filled, more);
    if (!status.ok()) return status;
    if (more == 0) break;
    filled += more;
  }
  std::fill(part.bytes + filled, part.bytes + part.size, std::uint8_t{0});
  return Status::success();
}

Status read_file_parts(const std::string& path, std::uint64_t file_bytes,
                       const std::vector<FilePart>& parts, std::uint64_t& found) {
  RegularFile file;
  const Status opened = file.open(path);
  if (!opened.ok()) return opened;
  found = file.size();
  if (found != file_bytes) return Status::success();
  // what lies between the parts may be megabytes
  advise_random_reads(file.handle());
  for (const FilePart& part : parts) {
    const Status status = read_file_part(file, part);
    if (!status.ok()) return status;
  }
  return Status::success();
}

}  // namespace pixtok::core
