#include "decode/tga/tga_packets.h"

#include <algorithm>
#include <cstring>

#include "decode/image_fault.h"

namespace pixtok::decode {

core::Status unpack_tga_packets(core::Bytes file, std::uint64_t offset, std::size_t depth,
                                std::size_t row_bytes, std::size_t rows, std::uint8_t* target) {
  std::size_t at = static_cast<std::size_t>(std::min<std::uint64_t>(offset, file.size));
  const std::size_t count = row_bytes * rows;
  std::size_t done = 0;
  while (done < count) {
    if (at == file.size) return truncated("it ends before its pixels do");
    const std::uint8_t packet = file.data[at];
    const bool is_run = (packet & 0x80) != 0;
    const std::size_t bytes = depth * ((packet & 0x7F) + std::size_t{1});
    const std::size_t stored = is_run ? depth : bytes;
    if (file.size - at - 1 < stored) return truncated("it ends before its pixels do");
    const std::uint8_t* pixels = file.data + at + 1;
    if (!is_run) {
      std::memcpy(target + done, pixels, std::min(bytes, count - done));
    } else if (done % row_bytes + bytes > row_bytes) {
      return corrupt("a run of its pixels is longer than their row");
    } else {
      for (std::size_t i = 0; i < bytes; i += depth) std::memcpy(target + done + i, pixels, depth);
    }
    at += 1 + stored;
    done += bytes;
  }
  return core::Status::success();
}

}  // namespace pixtok::decode
