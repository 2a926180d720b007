#include "decode/bmp/bmp_runs.h"

#include <algorithm>
#include <cstring>

#include "decode/image_fault.h"

namespace pixtok::decode {

namespace {

enum Escape : std::uint8_t { kEndOfLine, kEndOfImage, kDelta };

// Pixels of one nibble each, the high one of a byte first.
std::uint8_t nibble(const std::uint8_t* bytes, std::size_t index) {
  return static_cast<std::uint8_t>(bytes[index / 2] >> (4 - index % 2 * 4) & 15);
}

}  // namespace

core::Status unpack_bmp_runs(core::Bytes file, std::uint64_t offset, bool nibbles,
                             std::size_t width, std::size_t count, std::uint8_t* target) {
  std::size_t at = static_cast<std::size_t>(std::min<std::uint64_t>(offset, file.size));
  std::size_t done = 0;
  std::size_t x = 0;  // beyond the width where absolute pixels go on in the next row
  while (done < count) {
    if (file.size - at < 2) return truncated("it ends before its pixels do");
    const std::uint8_t length = file.data[at];
    const std::uint8_t* value = file.data + at + 1;
    at += 2;
    if (length != 0) {
      const std::size_t run = std::min<std::size_t>(length, width - std::min(x, width));
      if (nibbles) {
        for (std::size_t i = 0; i < run; ++i) target[done + i] = nibble(value, i % 2);
      } else {
        std::memset(target + done, *value, run);
      }
      done += run;
      x += run;
    } else if (*value == kEndOfLine) {
      const std::size_t rest = (width - done % width) % width;
      std::memset(target + done, 0, rest);
      done += rest;
      x = 0;
    } else if (*value == kEndOfImage) {
      return corrupt("its pixels end early");
    } else if (*value == kDelta) {
      if (file.size - at < 2) return truncated("it ends before its pixels do");
      const std::size_t skipped = file.data[at] + file.data[at + 1] * width;
      at += 2;
      const std::size_t run = std::min(count - done, skipped);
      std::memset(target + done, 0, run);
      done += run;
      x = done % width;
    } else {
      const std::size_t run = std::min<std::size_t>(count - done, *value);
      const std::size_t bytes = nibbles ? (run + 1) / 2 : run;
      if (file.size - at < bytes) return truncated("it ends before its pixels do");
      for (std::size_t i = 0; i < run; ++i) {
        target[done + i] = nibbles ? nibble(file.data + at, i) : file.data[at + i];
      }
      at += bytes;
      done += run;
      x += *value;
      // to an even place in the file, which may end there
      at = std::min(at + at % 2, file.size);
    }
  }
  return core::Status::success();
}

}  // namespace pixtok::decode
