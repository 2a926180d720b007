// PNG files: which are decoded, and that these open in Pillow. Their pixels are compared with
// Pillow's in goldens_test.cpp.

#include "decode/png/png_decoder.h"

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "kernels/kernel_table.h"
#include "test/check.h"
#include "test/decode/decoded_image.h"
#include "test/decode/png/png_chunks.h"
#include "test/guarded_bytes.h"
#include "test/images.h"

namespace {

using namespace pixtok;
using core::Status;
using core::StatusCode;
using test::decoded;
using test::DecodedImage;
using test::FileBytes;
using test::kBehindPngHeader;
using test::kPngEndBytes;
using test::png_chunk;
using test::with;
using test::zlib;

constexpr const char* kDecoded[] = {"1x1",
                                    "4x400",
                                    "animated",
                                    "gamma",
                                    "icc",
                                    "l-16bit",
                                    "l-16bit-interlaced",
                                    "l-1bit",
                                    "l-2bit",
                                    "l-4bit",
                                    "l",
                                    "la-16bit",
                                    "la",
                                    "orientation-6",
                                    "p-1bit-trns",
                                    "p-1bit",
                                    "p-2bit",
                                    "p-4bit",
                                    "p-interlaced",
                                    "p-short-palette",
                                    "p-trns",
                                    "p",
                                    "rgb-16bit",
                                    "rgb-interlaced",
                                    "rgb",
                                    "rgba-16bit",
                                    "rgba-interlaced",
                                    "rgba"};

// A colour that is transparent.
constexpr const char* kDeclined[] = {"l-16bit-trns", "l-trns", "rgb-trns"};

FileBytes image(const std::string& name) { return test::read_image("images/png-" + name + ".png"); }

FileBytes text(const std::string& characters) { return {characters.begin(), characters.end()}; }

TEST("PNG files of every kind that is whole are decoded, and no others") {
  if (zlib() == nullptr) return;
  decode::PngDecoder decoder(zlib(), kernels::chosen().unfilter);
  for (const char* name : kDecoded) {
    if (!decoded(decoder, test::view_of(image(name))).status.ok()) {
      test::fail(__FILE__, __LINE__, name);
    }
  }
  for (const char* name : kDeclined) {
    CHECK(decoded(decoder, test::view_of(image(name))).status.code == StatusCode::kDeclined);
  }
}

TEST("a damaged PNG file that is decoded opens in Pillow, and others are declined") {
  if (zlib() == nullptr) return;
  decode::PngDecoder decoder(zlib(), kernels::chosen().unfilter);
  for (const test::DamagedImage& damaged : test::damaged_images("png")) {
    const Status status = decoded(decoder, test::view_of(damaged.file)).status;
    if (status.ok() ? !damaged.opens : status.code != StatusCode::kDeclined) {
      test::fail(__FILE__, __LINE__, damaged.name);
    }
  }
}

TEST("the pixels of a PNG file may lie in any number of chunks, whose checksums do not matter") {
  if (zlib() == nullptr) return;
  decode::PngDecoder decoder(zlib(), kernels::chosen().unfilter);
  const FileBytes whole = image("l-4bit");  // one IDAT, and no other chunk
  const std::vector<std::uint8_t> pixels = decoded(decoder, test::view_of(whole)).pixels;
  CHECK(!pixels.empty());
  const FileBytes data(whole.begin() + kBehindPngHeader + 8, whole.end() - kPngEndBytes - 4);
  FileBytes split(whole.begin(), whole.begin() + kBehindPngHeader);
  for (std::size_t at = 0; at < data.size(); at += 7) {
    const std::size_t end = std::min(at + 7, data.size());
    const FileBytes part = png_chunk("IDAT", {data.begin() + static_cast<std::ptrdiff_t>(at),
                                              data.begin() + static_cast<std::ptrdiff_t>(end)});
    split.insert(split.end(), part.begin(), part.end());
    split.back() ^= 0xFF;
  }
  split.insert(split.end(), whole.end() - kPngEndBytes, whole.end());
  CHECK(decoded(decoder, test::view_of(split)).pixels == pixels);
}

// A row of one pixel of a palette of one colour, not packed (RFC 1950 and 1951).
FileBytes png_of_row(std::uint8_t filter, std::uint8_t index) {
  const auto sum = static_cast<std::uint8_t>(1 + filter);
  FileBytes file = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  for (const FileBytes& chunk :
       {png_chunk("IHDR", {0, 0, 0, 1, 0, 0, 0, 1, 8, 3, 0, 0, 0}), png_chunk("PLTE", {1, 2, 3}),
        png_chunk("IDAT", {0x78, 1, 1, 2, 0, 0xFD, 0xFF, filter, index, 0,
                           static_cast<std::uint8_t>(2 * sum + index), 0,
                           static_cast<std::uint8_t>(sum + index)}),
        png_chunk("IEND", {})}) {
    file.insert(file.end(), chunk.begin(), chunk.end());
  }
  return file;
}

TEST("a PNG file with a pixel of no colour of its palette is left to another decoder") {
  if (zlib() == nullptr) return;
  decode::PngDecoder decoder(zlib(), kernels::chosen().unfilter);
  CHECK(decoded(decoder, test::view_of(png_of_row(0, 0))).status.ok());
  CHECK(decoded(decoder, test::view_of(png_of_row(0, 1))).status.code == StatusCode::kDeclined);
}

TEST("a PNG file with a row of no filter that there is, is left to another decoder") {
  if (zlib() == nullptr) return;
  decode::PngDecoder decoder(zlib(), kernels::chosen().unfilter);
  CHECK(decoded(decoder, test::view_of(png_of_row(4, 0))).status.ok());
  CHECK(decoded(decoder, test::view_of(png_of_row(5, 0))).status.code == StatusCode::kDeclined);
}

TEST("a PNG file with more than its packed pixels in their chunk is left to another decoder") {
  if (zlib() == nullptr) return;
  decode::PngDecoder decoder(zlib(), kernels::chosen().unfilter);
  const FileBytes whole = image("l-4bit");
  FileBytes data(whole.begin() + kBehindPngHeader + 8, whole.end() - kPngEndBytes - 4);
  const auto status_of = [&] {
    FileBytes file(whole.begin(), whole.begin() + kBehindPngHeader);
    file = with(file, file.size(), png_chunk("IDAT", data));
    file.insert(file.end(), whole.end() - kPngEndBytes, whole.end());
    return decoded(decoder, test::view_of(file)).status.code;
  };
  CHECK(status_of() == StatusCode::kOk);
  data.push_back(0);
  CHECK(status_of() == StatusCode::kDeclined);
}

TEST(
    "of a PNG file that has more, or less, than an ordinary one, Pillow's rules decide elsewhere") {
  if (zlib() == nullptr) return;
  decode::PngDecoder decoder(zlib(), kernels::chosen().unfilter);
  const FileBytes whole = image("rgb");
  const auto opens = [&](const FileBytes& file) {
    const Status status = decoded(decoder, test::view_of(file)).status;
    CHECK(status.ok() || status.code == StatusCode::kDeclined);
    return status.ok();
  };
  const auto takes = [&](const FileBytes& added) {
    return opens(with(whole, kBehindPngHeader, added));
  };
  CHECK(opens(whole));
  CHECK(takes(png_chunk("tEXt", text(std::string("Title\0a text", 12)))));
  CHECK(takes(png_chunk("prVt", text("anything"))));
  CHECK(!takes(png_chunk("PRIV", text("anything"))));
  CHECK(!takes(png_chunk("gAMA", {0, 1})));
  CHECK(!takes(png_chunk("tRNS", {0, 1, 0, 1, 0, 1})));
  CHECK(!takes(png_chunk("tEXt", text(std::string("Raw profile type exif\0x", 23)))));
  CHECK(!takes(png_chunk("zTXt", text(std::string("Title\0\0not packed", 17)))));
  FileBytes wrong = png_chunk("tEXt", text(std::string("Title\0a text", 12)));
  wrong.back() ^= 1;
  CHECK(!takes(wrong));
  const std::size_t end = whole.size() - kPngEndBytes;
  CHECK(opens(with(whole, end, wrong)));  // Pillow asks for no checksum behind the pixels
  CHECK(!opens(with(whole, end, png_chunk("PLTE", {1, 2, 3}))));
  CHECK(!opens(with(whole, whole.size(), text("behind the end"))));
  CHECK(!opens(FileBytes(whole.begin(), whole.end() - kPngEndBytes)));
}

TEST("a chunk of a PNG file that is not of its size is left to another decoder") {
  if (zlib() == nullptr) return;
  decode::PngDecoder decoder(zlib(), kernels::chosen().unfilter);
  const auto takes = [&](const char* name, const FileBytes& added) {
    return decoded(decoder, test::view_of(with(image(name), kBehindPngHeader, added))).status.ok();
  };
  struct Least {
    const char* name;
    std::size_t bytes;
  };
  const Least leasts[] = {{"gAMA", 4}, {"sRGB", 1}, {"pHYs", 9}, {"cHRM", 32}};
  for (const Least& least : leasts) {
    CHECK(takes("rgb", png_chunk(least.name, FileBytes(least.bytes, 1))));
    CHECK(takes("rgb", png_chunk(least.name, FileBytes(least.bytes + 1, 1))));
    CHECK(!takes("rgb", png_chunk(least.name, FileBytes(least.bytes - 1, 1))));
  }
  // a palette that is suggested
  for (const std::size_t colours : {1U, 256U}) {
    CHECK(takes("rgb", png_chunk("PLTE", FileBytes(3 * colours, 1))));
  }
  for (const std::size_t size : {0U, 2U, 4U, 3U * 257U}) {
    CHECK(!takes("rgb", png_chunk("PLTE", FileBytes(size, 1))));
  }
  CHECK(!takes("l", png_chunk("PLTE", FileBytes(3, 1))));
  CHECK(!takes("p", png_chunk("PLTE", FileBytes(3, 1))));  // a second one comes
}

TEST("a PNG file may say once which colours of its palette are transparent, and of no more") {
  if (zlib() == nullptr) return;
  decode::PngDecoder decoder(zlib(), kernels::chosen().unfilter);
  const FileBytes whole = image("p-2bit");
  const std::string palette = "PLTE";
  const auto name = std::search(whole.begin(), whole.end(), palette.begin(), palette.end());
  CHECK(name != whole.end());
  const std::size_t colours = (name[-1] | name[-2] << 8) / 3U;
  const auto behind = static_cast<std::size_t>(name - whole.begin()) + 4 + 3 * colours + 4;
  const auto takes = [&](const FileBytes& added) {
    return decoded(decoder, test::view_of(with(whole, behind, added))).status.ok();
  };
  const FileBytes one = png_chunk("tRNS", {9});
  CHECK(takes(one));
  CHECK(takes(png_chunk("tRNS", FileBytes(colours, 9))));
  CHECK(!takes(png_chunk("tRNS", FileBytes(colours + 1, 9))));
  CHECK(!takes(png_chunk("tRNS", {})));
  CHECK(!takes(with(one, one.size(), one)));
}

TEST("texts of a PNG file have a key and a known packing") {
  if (zlib() == nullptr) return;
  decode::PngDecoder decoder(zlib(), kernels::chosen().unfilter);
  const FileBytes whole = image("rgb");
  const auto takes = [&](const char* name, const std::string& contents) {
    const FileBytes added = png_chunk(name, text(contents));
    return decoded(decoder, test::view_of(with(whole, kBehindPngHeader, added))).status.ok();
  };
  using namespace std::string_literals;
  // zlib.compress(b"a text", 9)
  const std::string packed = "\x78\xda\x4b\x54\x28\x49\xad\x28\x01\x00\x07\x4f\x02\x47"s;
  CHECK(takes("zTXt", "Title\0\0"s + packed));
  CHECK(!takes("zTXt", "Title\0\1"s + packed));
  CHECK(!takes("zTXt", "Title\0"s));
  CHECK(!takes("zTXt", "Title"));
  CHECK(takes("iTXt", "Title\0\0\0en\0Titel\0a text"s));
  CHECK(takes("iTXt", "Title\0\0\1en\0Titel\0a text"s));  // not packed, in whatever way
  CHECK(takes("iTXt", "Title\0\1\0en\0Titel\0"s + packed));
  CHECK(!takes("iTXt", "Title\0\1\1en\0Titel\0"s + packed));
  CHECK(!takes("iTXt", "Title\0\0\0en\0Titel"s));
  CHECK(!takes("iTXt", "Title\0\0"s));
  CHECK(!takes("tEXt", "Title"));
  CHECK(takes("tEXt", "Title\0"s));
}

TEST("a PNG image is turned by its EXIF data or its XMP, wherever these stand") {
  if (zlib() == nullptr) return;
  decode::PngDecoder decoder(zlib(), kernels::chosen().unfilter);
  CHECK(decoded(decoder, test::view_of(image("orientation-6"))).orientation == 6);
  const FileBytes whole = image("rgb");
  CHECK(decoded(decoder, test::view_of(whole)).orientation == 1);
  const std::string xmp = "<rdf tiff:Orientation=\"8\"/>";
  const FileBytes packet =
      png_chunk("iTXt", text(std::string("XML:com.adobe.xmp\0\0\0\0\0", 22) + xmp));
  for (const std::size_t at : {kBehindPngHeader, whole.size() - kPngEndBytes}) {
    CHECK(decoded(decoder, test::view_of(with(whole, at, packet))).orientation == 8);
  }
}

TEST("a PNG file that declares more than it can hold takes no memory") {
  if (zlib() == nullptr) return;
  decode::PngDecoder decoder(zlib(), kernels::chosen().unfilter);
  const FileBytes whole = image("rgba");
  FileBytes file(whole.begin(), whole.begin() + 8);
  const FileBytes header = png_chunk("IHDR", {0, 15, 0, 0, 0, 15, 0, 0, 8, 6, 0, 0, 0});
  file.insert(file.end(), header.begin(), header.end());
  file.insert(file.end(), whole.begin() + kBehindPngHeader, whole.end());
  decode::ImageSize size;
  CHECK(decoder.open(test::view_of(file), size).ok() && size.width == 15 << 16);
  core::PixelView pixels;
  CHECK(decoder.decode(1, pixels).code == StatusCode::kDeclined);
}

TEST("of a large PNG image more of its file is read") {
  if (zlib() == nullptr) return;
  const decode::PngDecoder decoder(zlib(), kernels::chosen().unfilter);
  FileBytes file = image("rgb");
  constexpr std::uint64_t kLeast = std::uint64_t{64} << 20;
  CHECK(decoder.most_bytes(test::view_of(file), 1 << 20) == kLeast);
  for (const std::size_t at : {18, 22}) file[at] = 0x7F;  // some 32 000 a side
  const auto side = [&](std::size_t at) {
    return std::uint64_t{file[at]} << 8 | std::uint64_t{file[at + 1]};
  };
  const std::uint64_t pixels = side(18) * side(22);
  CHECK(decoder.most_bytes(test::view_of(file), static_cast<std::int64_t>(pixels)) == 10 * pixels);
  CHECK(decoder.most_bytes(test::view_of(file), static_cast<std::int64_t>(pixels) - 1) == kLeast);
  CHECK(decoder.most_bytes({file.data(), 8}, INT64_MAX) == kLeast);
}

TEST("damaged PNG files are decoded alike by every kernel table, and nothing behind them is read") {
  if (zlib() == nullptr) return;
  std::mt19937_64 random(test::seed());
  const auto tables = kernels::supported_tables();
  decode::PngDecoder plain(zlib(), tables.front()->unfilter);
  decode::PngDecoder fast(zlib(), tables.back()->unfilter);
  for (const char* name : kDecoded) {
    const FileBytes whole = image(name);
    if (whole.empty()) return;
    for (int i = 0; i < test::random_cases() / 16; ++i) {
      const test::GuardedBytes guarded(test::damaged_file(whole, 8, i, random));
      const core::Bytes file{guarded.data(), guarded.size()};
      const DecodedImage one = decoded(plain, file);
      const DecodedImage other = decoded(fast, file);
      CHECK(one.status.code == other.status.code && one.pixels == other.pixels);
      CHECK(one.status.ok() || one.status.code == StatusCode::kDeclined);
    }
  }
}

}  // namespace
