#include "core/mapped_bytes.h"

#include <sys/mman.h>

#include <new>

namespace pixtok::core {

void Unmap::operator()(void* memory) const { munmap(memory, bytes); }

MappedBytes map_bytes(std::size_t bytes) {
  const std::size_t length = bytes == 0 ? 1 : bytes;
  void* memory = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return MappedBytes(static_cast<std::uint8_t*>(memory), Unmap{length});
}

}  // namespace pixtok::core
