#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/regular_file.h"
#include "core/status.h"

namespace pixtok::core {

// A part of a file, and where its bytes go.
struct FilePart {
  std::uint64_t offset;
  std::uint8_t* bytes;
  std::size_t size;
};

// Bytes that are gone by then become zeros.
Status read_file_part(const RegularFile& file, const FilePart& part);

// Opens a file, reads parts of it and closes it. Where it has not `file_bytes`, nothing is read:
// `found` says how many it has.
Status read_file_parts(const std::string& path, std::uint64_t file_bytes,
                       const std::vector<FilePart>& parts, std::uint64_t& found);

}  // namespace pixtok::core
