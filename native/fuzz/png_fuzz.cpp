// PNG files to pixels, by the plain kernels and by the fastest. An image that counts as decoded
// must not show what its memory held before. Checksums are put right first, so that what is behind
// them is reached.

#include <cstring>
#include <optional>
#include <vector>

#include "decode/png/png_decoder.h"
#include "fuzz/drawn_plan.h"
#include "fuzz/require.h"
#include "fuzz/visible_bytes.h"
#include "fuzz/zlib_in_use.h"

using namespace pixtok;

namespace {

using Bytes = std::vector<std::uint8_t>;

void put_checksums_right(Bytes& file, const decode::ZlibLibrary& zlib) {
  for (std::size_t at = 8; at + 12 <= file.size();) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) length = length << 8 | file[at + i];
    if (length > file.size() - at - 12) return;
    const unsigned long crc =
        zlib.crc32(0, file.data() + at + 4, static_cast<unsigned>(length + 4));
    for (std::size_t i = 0; i < 4; ++i) {
      file[at + 8 + length + i] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
    }
    at += 12 + length;
  }
}

std::optional<Bytes> decoded(decode::PngDecoder& decoder, core::Bytes file) {
  decode::ImageSize size;
  if (!decoder.open(file, size).ok()) return std::nullopt;
  if (std::int64_t{size.width} * size.height > fuzz::kMaxPixels) return std::nullopt;
  const int orientation = decoder.orientation();
  REQUIRE(orientation >= 1 && orientation <= 8);
  core::PixelView pixels;
  const core::Status status = decoder.decode(1, pixels);
  REQUIRE(status.ok() || status.code == core::StatusCode::kDeclined);
  if (!status.ok()) return std::nullopt;
  REQUIRE(pixels.width == size.width && pixels.height == size.height);
  Bytes shown = fuzz::visible_bytes(pixels);
  fuzz::paint_over(pixels);
  return shown;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto zlib = fuzz::zlib_in_use();
  static const auto tables = kernels::supported_tables();
  static decode::PngDecoder plain(zlib, tables.front()->unfilter);
  static decode::PngDecoder fast(zlib, tables.back()->unfilter);
  Bytes file(data, data + size);
  const core::Bytes whole{file.data(), file.size()};
  for (int pass = 0; pass < 2; ++pass) {
    const std::optional<Bytes> shown = decoded(plain, whole);
    REQUIRE(decoded(plain, whole) == shown);
    REQUIRE(decoded(fast, whole) == shown);
    put_checksums_right(file, *zlib);
  }
  return 0;
}
