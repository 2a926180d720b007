#include "core/mapped_file.h"

#include "core/platform.h"
#include "core/regular_file.h"

namespace pixtok::core {

void UnmapFile::operator()(std::uint8_t* memory) const { unmap_file(memory, bytes); }

Status MappedFile::open(const std::string& path, MappedFile& mapped) {
  RegularFile file;
  Status status = file.open(path);
  if (!status.ok()) return status;
  if (file.size() == 0) return Status::failure(StatusCode::kEmptyFile, "the file is empty");
  const auto size = static_cast<std::size_t>(file.size());
  std::uint8_t* memory = nullptr;
  status = map_file(file.handle(), size, memory);
  if (!status.ok()) return status;
  mapped.bytes = {memory, UnmapFile{size}};
  mapped.size = size;
  return Status::success();
}

}  // namespace pixtok::core
