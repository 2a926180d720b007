// What may be a TGA file, which nothing but its header tells.

#include "decode/tga/tga_header.h"

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

}  // namespace
