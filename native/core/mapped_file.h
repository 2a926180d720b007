#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/mapped_bytes.h"
#include "core/status.h"

namespace pixtok::core {

// A whole file as memory, for reading alone. It must not become shorter while it is mapped: the
// system ends a process that reads what is not there any more.
struct MappedFile {
  MappedBytes bytes;
  std::size_t size = 0;

  // Precondition for success: a regular file that is not empty.
  static Status open(const std::string& path, MappedFile& file);
};

}  // namespace pixtok::core
