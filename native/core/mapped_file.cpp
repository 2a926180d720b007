#include "core/mapped_file.h"

#include "core/platform.h"

namespace pixtok::core {

void UnmapFile::operator()(std::uint8_t* memory) const { unmap_file(memory, bytes); }

Status MappedFile::open(const std::string& path, MappedFile& mapped) {
  RegularFile file;
  Status status = file.open(path);
  if (!status.ok()) return status;
  if (file.size() == 0) return Status::failure(StatusCode::kEmptyFile, "the file is empty");
  return map(file, 0, static_cast<std::size_t>(file.size()), mapped);
}

Status MappedFile::map(const RegularFile& file, std::uint64_t offset, std::size_t size,
                       MappedFile& mapped) {
  const auto before = static_cast<std::size_t>(offset % map_granularity());
  std::uint8_t* memory = nullptr;
  const Status status = map_file(file.handle(), offset - before, size + before, memory);
  if (!status.ok()) return status;
  mapped.pages = {memory, UnmapFile{size + before}};
  mapped.data = memory + before;
  mapped.size = size;
  return Status::success();
}

bool MappedFile::reserve(std::size_t size, MappedFile& reserved) {
  std::uint8_t* memory = reserve_addresses(size);
  if (memory == nullptr) return false;
  reserved.pages = {memory, UnmapFile{size}};
  reserved.data = memory;
  reserved.size = size;
  return true;
}

Status map_at(const RegularFile& file, std::uint8_t* place) {
  return map_file_at(file.handle(), static_cast<std::size_t>(file.size()), place);
}

void touch_pages(Bytes bytes) {
  constexpr std::size_t kPage = 4096;  // or a part of a larger one
  if (bytes.empty()) return;
  const auto touch = [&](std::size_t place) {
    static_cast<void>(*static_cast<const volatile std::uint8_t*>(bytes.data + place));
  };
  for (std::size_t place = 0; place < bytes.size; place += kPage) touch(place);
  touch(bytes.size - 1);
}

}  // namespace pixtok::core
