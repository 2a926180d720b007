// What may be a TGA file, which nothing but its header tells.

#include "decode/tga/tga_header.h"

#include <cstddef>
#include <cstdint>

#include "test/check.h"
#include "test/images.h"

namespace {

using namespace pixtok;
using test::FileBytes;

// Of 2 x 1 pixels.
FileBytes header(int kind, int depth) {
  return {0, 0, static_cast<std::uint8_t>(kind),  0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0,
          1, 0, static_cast<std::uint8_t>(depth), 0};
}

bool is_tga(const FileBytes& file) { return decode::is_tga(test::view_of(file)); }

TEST("a file is taken for a TGA image by the fields of its header") {
  for (const int kind : {2, 3, 9, 10, 11}) CHECK(is_tga(header(kind, 24)));
  for (const int kind : {0, 4, 8, 12, 32, 255}) CHECK(!is_tga(header(kind, 24)));
  for (const int depth : {0, 2, 15, 64}) CHECK(!is_tga(header(2, depth)));
  FileBytes file = header(2, 24);
  for (const std::size_t side : {12, 14}) {
    file[side] = 0;
    CHECK(!is_tga(file));
    file[side] = 1;
  }
  file[1] = 2;
  CHECK(!is_tga(file));
  file = header(2, 24);
  file.pop_back();
  CHECK(!is_tga(file));
}

TEST("an icon is no TGA image") { CHECK(!is_tga(header(1, 8))); }

TEST("a cursor is no TGA image where the header of its bitmap lies within it") {
  FileBytes file = header(2, 24);
  file[4] = 1;  // how many cursors there are
  file.resize(40);
  decode::TgaHeader read;
  const auto status = [&] { return decode::read_tga_header(test::view_of(file), read).code; };
  // where its bitmap is: bytes 18 to 21
  file[18] = 36;
  CHECK(status() == core::StatusCode::kUnsupportedFormat);
  file[18] = 37;
  CHECK(status() == core::StatusCode::kOk);
  file[3] = 1;
  file[18] = 36;
  CHECK(status() == core::StatusCode::kOk);
}

// What Pillow's plugin for cursors says of each: it tries the header of the bitmap that it opens.
TEST("of several cursors the one that is wider and taller than those before it counts") {
  struct Case {
    std::uint8_t width;
    std::uint8_t height;
    std::uint8_t first_header;
    std::uint8_t second_header;
    bool is_cursor;
  };
  for (const Case& one :
       {Case{5, 4, 76, 77, true}, Case{4, 5, 76, 77, true}, Case{5, 5, 76, 77, false},
        Case{5, 5, 77, 76, true}, Case{4, 4, 77, 76, false}, Case{5, 4, 77, 76, false},
        Case{4, 5, 77, 76, false}, Case{5, 5, 0, 0, true}}) {
    FileBytes file = header(2, 24);
    file.resize(80);
    file[4] = 2;  // cursors
    file[6] = file[7] = 4;
    file[18] = one.first_header;
    file[22] = one.width;
    file[23] = one.height;
    file[34] = one.second_header;
    decode::TgaHeader read;
    CHECK(decode::read_tga_header(test::view_of(file), read).ok() != one.is_cursor);
  }
}

// Where Pillow's plugin for PCX images comes first.
TEST("a file is taken for a PCX image where it would have one pixel at least, and a whole header") {
  struct Case {
    int left;
    int top;
    int right;
    int bottom;
    std::size_t size;
    bool is_tga;
  };
  for (const Case& one :
       {Case{0, 0, 0, 0, 68, false}, Case{0, 0, 0, 0, 67, true}, Case{1, 0, 0, 0, 68, true},
        Case{1, 0, 1, 0, 68, false}, Case{0, 1, 0, 0, 68, true}, Case{0, 1, 0, 1, 68, false},
        Case{256, 0, 255, 0, 68, true}, Case{256, 0, 256, 0, 68, false},
        Case{0, 256, 0, 255, 68, true}, Case{0, 256, 0, 256, 68, false},
        Case{0, 257, 0, 256, 68, true}, Case{257, 0, 256, 0, 68, true}}) {
    FileBytes file = header(2, 24);
    file[0] = 10;
    std::size_t at = 4;
    for (const int number : {one.left, one.top, one.right, one.bottom}) {
      file[at++] = static_cast<std::uint8_t>(number & 0xFF);
      file[at++] = static_cast<std::uint8_t>(number >> 8);
    }
    file.resize(one.size);
    decode::TgaHeader read;
    CHECK(decode::read_tga_header(test::view_of(file), read).ok() == one.is_tga);
  }
}

}  // namespace
