#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "core/status.h"

namespace pixtok::core {

struct UnmapFile {
  std::size_t bytes = 0;
  void operator()(std::uint8_t* memory) const;
};

// A whole file as memory, for reading alone. It must not become shorter while it is mapped: the
// system ends a process that reads what is not there any more.
struct MappedFile {
  std::unique_ptr<std::uint8_t[], UnmapFile> bytes;
  std::size_t size = 0;

  // Precondition for success: a regular file that is not empty.
  static Status open(const std::string& path, MappedFile& file);
};

}  // namespace pixtok::core
