// The runs of BMP files where they end at the last byte of their memory; what Pillow makes of whole
// files is in stored_bitmaps_test.cpp.

#include "decode/bmp/bmp_runs.h"

#include <array>
#include <vector>

#include "test/check.h"
#include "test/images.h"

namespace {

using namespace pixtok;
using test::FileBytes;

core::Status unpacked(const FileBytes& file, std::uint64_t offset, bool nibbles,
                      FileBytes& pixels) {
  return decode::unpack_bmp_runs(test::view_of(file), offset, nibbles, 3, pixels.size(),
                                 pixels.data());
}

TEST("runs of a BMP image are unpacked as Pillow 13 unpacks them") {
  FileBytes pixels(6);
  // three pixels as they are, and what fills them up to a word; a run that is cut at its row
  CHECK(unpacked({0, 3, 1, 2, 3, 99, 0, 0, 9, 7}, 0, false, pixels).ok());
  CHECK((pixels == FileBytes{1, 2, 3, 7, 7, 7}));
  CHECK(unpacked({0, 3, 0x12, 0x30, 0, 0, 9, 0x78}, 0, true, pixels).ok());
  CHECK((pixels == FileBytes{1, 2, 3, 7, 8, 7}));
}

TEST("runs of a BMP image that end early are refused wherever they do") {
  const FileBytes whole = {2, 5, 0, 2, 1, 0, 0, 3, 1, 2, 3, 99};
  FileBytes pixels(6);
  CHECK(unpacked(whole, 0, false, pixels).ok());
  for (std::size_t length = 0; length < whole.size() - 1; ++length) {
    const FileBytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    CHECK(unpacked(cut, 0, false, pixels).code == core::StatusCode::kTruncatedImage);
  }
  CHECK(unpacked(whole, UINT64_MAX, false, pixels).code == core::StatusCode::kTruncatedImage);
}

}  // namespace
