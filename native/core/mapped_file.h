#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "core/bytes.h"
#include "core/regular_file.h"
#include "core/status.h"

namespace pixtok::core {

struct UnmapFile {
  std::size_t bytes = 0;
  void operator()(std::uint8_t* memory) const;
};

// A file, or a part of one, as memory for reading alone. It must not become shorter while it is
// mapped: the system ends a process that reads what is not there any more.
struct MappedFile {
  // Of whole pages: what is mapped begins at `data`.
  std::unique_ptr<std::uint8_t[], UnmapFile> pages;
  std::uint8_t* data = nullptr;
  std::size_t size = 0;

  // The whole of a file. Precondition for success: a regular file that is not empty.
  static Status open(const std::string& path, MappedFile& mapped);

  // A part of an open file. Precondition: it is within the file, and not empty.
  static Status map(const RegularFile& file, std::uint64_t offset, std::size_t size,
                    MappedFile& mapped);

  // Addresses that files are mapped at, one behind the other, with zeros where none is. False where
  // the system has none. Precondition: size > 0.
  static bool reserve(std::size_t size, MappedFile& reserved);
};

// Maps the whole of an open file at reserved addresses from `place` on. Preconditions: the file is
// not empty; `place` is a multiple of map_granularity(), with room for the file; nobody reads what
// is there.
Status map_at(const RegularFile& file, std::uint8_t* place);

// Reads a byte of each page, so that storage is waited for here and not by who reads the rest.
void touch_pages(Bytes bytes);

}  // namespace pixtok::core
