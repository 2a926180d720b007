// Headers of BMP files, and what Pillow 13 says of them.

#include "decode/bmp/bmp_header.h"

#include <cstddef>
#include <cstdint>

#include "test/check.h"
#include "test/images.h"

namespace {

using namespace pixtok;
using test::FileBytes;

constexpr std::size_t kFileHeader = 14;

void put(FileBytes& file, std::size_t at, std::size_t number) {
  for (std::size_t i = 0; i < 4; ++i) file[at + i] = static_cast<std::uint8_t>(number >> 8 * i);
}

// Of 7 x 3 pixels; `size` bytes of it.
FileBytes header(std::size_t header_bytes, int bits, int compression, std::size_t size) {
  FileBytes file(200);
  file[0] = 'B';
  file[1] = 'M';
  put(file, kFileHeader, header_bytes);
  if (header_bytes == 12) {
    put(file, 18, 7 | 3 << 16);
    put(file, 22, static_cast<std::size_t>(1 | bits << 16));
  } else {
    put(file, 18, 7);
    put(file, 22, 3);
    put(file, 26, static_cast<std::size_t>(1 | bits << 16));
    put(file, 30, static_cast<std::size_t>(compression));
    put(file, 54, 0xFF0000);
    put(file, 58, 0xFF00);
    put(file, 62, 0xFF);
  }
  file.resize(size);
  return file;
}

core::StatusCode read(const FileBytes& file) {
  decode::BmpHeader read;
  const core::Status status = decode::read_bmp_header(test::view_of(file), read);
  if (status.ok()) CHECK(read.rows.width == 7 && read.rows.height == 3);
  return status.code;
}

TEST("the size of a BMP image is known where its header ends, and not a byte before") {
  struct Case {
    std::size_t header_bytes;
    int bits;
    int compression;
    std::size_t size;
  };
  for (const Case& one :
       {Case{12, 24, 0, 26}, Case{40, 24, 0, 54}, Case{52, 24, 0, 66}, Case{56, 24, 0, 70},
        Case{64, 24, 0, 78}, Case{108, 24, 0, 122}, Case{124, 24, 0, 138}, Case{40, 32, 3, 66},
        Case{52, 32, 3, 66}, Case{56, 32, 3, 70}, Case{64, 32, 3, 78}, Case{108, 32, 3, 122}}) {
    const auto status = [&](std::size_t size) {
      return read(header(one.header_bytes, one.bits, one.compression, size));
    };
    CHECK(status(one.size) == core::StatusCode::kOk);
    for (std::size_t size = 0; size < one.size; ++size) {
      CHECK(status(size) == core::StatusCode::kTruncatedImage);
    }
  }
}

TEST("grey levels of four bits are read as bytes where the file has one for each pixel") {
  constexpr std::size_t kColours = 16;
  constexpr std::size_t kPixels = 54 + 4 * kColours;
  FileBytes file = header(40, 4, 0, kPixels);
  put(file, 10, kPixels);
  put(file, 46, kColours);
  for (std::size_t i = 0; i < kColours; ++i) put(file, 54 + 4 * i, 0x10101 * i);
  file.resize(kPixels + 7 * 3);
  CHECK(read(file) == core::StatusCode::kOk);
  file.pop_back();
  CHECK(read(file) == core::StatusCode::kCorruptImage);
}

}  // namespace
