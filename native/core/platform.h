#pragma once
#include <sys/mman.h>
#include <cstddef>
#include <cstdint>
namespace pixtok::core {
inline void advise_huge_pages(void* memory, std::size_t bytes) {
  const auto address = reinterpret_cast<std::uintptr_t>(memory);
  const std::uintptr_t from = (address + 4095) & ~std::uintptr_t{4095};
  const std::uintptr_t end = (address + bytes) & ~std::uintptr_t{4095};
  if (end > from) madvise(reinterpret_cast<void*>(from), end - from, MADV_HUGEPAGE);
}
}
