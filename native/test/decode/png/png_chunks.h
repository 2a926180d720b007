#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "decode/png/zlib_library.h"
#include "test/check.h"
#include "test/images.h"
#include "test/system_zlib.h"

// PNG files as they are put together.
namespace pixtok::test {

constexpr std::size_t kPngSignatureBytes = 8;
constexpr std::size_t kBehindPngHeader = kPngSignatureBytes + 25;
constexpr std::size_t kPngEndBytes = 12;

// Null where there is none.
inline std::shared_ptr<const decode::ZlibLibrary> zlib() {
  std::string error;
  return zlib_at(zlib_library(), error);
}

// Length, name, contents, and a checksum that is right.
inline FileBytes png_chunk(const std::string& name, const FileBytes& contents) {
  FileBytes bytes;
  const auto add = [&](std::uint64_t number) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes.push_back(static_cast<std::uint8_t>(number >> shift));
    }
  };
  add(contents.size());
  bytes.insert(bytes.end(), name.begin(), name.end());
  bytes.insert(bytes.end(), contents.begin(), contents.end());
  add(zlib()->crc32(0, bytes.data() + 4, static_cast<unsigned int>(bytes.size() - 4)));
  return bytes;
}

// With more bytes at a place.
inline FileBytes with(const FileBytes& file, std::size_t at, const FileBytes& added) {
  FileBytes all = file;
  all.insert(all.begin() + static_cast<std::ptrdiff_t>(at), added.begin(), added.end());
  return all;
}

}  // namespace pixtok::test
