#include "core/mapped_file.h"

#include <sys/mman.h>

#include <cerrno>

#include "core/regular_file.h"

namespace pixtok::core {

Status MappedFile::open(const std::string& path, MappedFile& mapped) {
  RegularFile file;
  const Status status = file.open(path);
  if (!status.ok()) return status;
  if (file.size() == 0) return Status::failure(StatusCode::kEmptyFile, "the file is empty");
  const auto size = static_cast<std::size_t>(file.size());
  void* memory = mmap(nullptr, size, PROT_READ, MAP_SHARED, file.descriptor(), 0);
  if (memory == MAP_FAILED) return RegularFile::failure(errno);
  mapped.bytes = MappedBytes(static_cast<std::uint8_t*>(memory), Unmap{size});
  mapped.size = size;
  return Status::success();
}

}  // namespace pixtok::core
