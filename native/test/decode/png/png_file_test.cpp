// What a PNG file says of itself in front of its pixels: PNG specification, third edition, 11.2
// and 11.3, and Pillow 13's reading of it.

#include "decode/png/png_file.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "core/limits.h"
#include "test/check.h"
#include "test/decode/png/png_chunks.h"
#include "test/images.h"

namespace {

using namespace pixtok;
using test::FileBytes;
using test::kBehindPngHeader;
using test::png_chunk;
using test::zlib;

void add_number(FileBytes& bytes, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<std::uint8_t>(number >> shift));
  }
}

struct Header {
  std::uint32_t width = 3;
  std::uint32_t height = 2;
  std::uint8_t depth = 8;
  std::uint8_t colour = 2;
  std::uint8_t compression = 0;
  std::uint8_t filter = 0;
  std::uint8_t interlace = 0;

  FileBytes bytes() const {
    FileBytes bytes;
    add_number(bytes, width);
    add_number(bytes, height);
    bytes.insert(bytes.end(), {depth, colour, compression, filter, interlace});
    return bytes;
  }
};

FileBytes beginning_with(const FileBytes& header) {
  FileBytes file = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  return test::with(file, file.size(), png_chunk("IHDR", header));
}

bool takes(const Header& header) {
  return decode::read_png_header(test::view_of(beginning_with(header.bytes()))).has_value();
}

struct Read {
  bool taken;
  decode::PngFile png;
};

Read read(const FileBytes& file) {
  decode::Inflater inflater(zlib());
  core::ScratchBuffer scratch;
  Read read{};
  read.taken = decode::read_png_file(test::view_of(file), inflater, scratch, read.png);
  return read;
}

bool takes_behind_header(const FileBytes& added) {
  return read(test::with(test::read_image("images/png-rgb.png"), kBehindPngHeader, added)).taken;
}

TEST("a PNG header has a kind of colours, with the bits that this kind may have") {
  if (zlib() == nullptr) return;
  for (unsigned colour = 0; colour <= 7; ++colour) {
    for (unsigned depth = 0; depth <= 32; ++depth) {
      const bool is_power = depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
      bool is_allowed = false;
      if (colour == 0) is_allowed = is_power;
      if (colour == 3) is_allowed = is_power && depth <= 8;
      if (colour == 2 || colour == 4 || colour == 6) is_allowed = is_power && depth >= 8;
      Header header;
      header.colour = static_cast<std::uint8_t>(colour);
      header.depth = static_cast<std::uint8_t>(depth);
      if (takes(header) != is_allowed) {
        test::fail(__FILE__, __LINE__, std::to_string(colour) + " " + std::to_string(depth));
      }
    }
  }
}

TEST(
    "a PNG header is of thirteen bytes, and of ways to pack, filter and interlace that there are") {
  if (zlib() == nullptr) return;
  const auto takes_bytes = [](const FileBytes& header) {
    return decode::read_png_header(test::view_of(beginning_with(header))).has_value();
  };
  FileBytes bytes = Header{}.bytes();
  CHECK(takes_bytes(bytes));
  bytes.push_back(0);
  CHECK(!takes_bytes(bytes));
  bytes.resize(12);
  CHECK(!takes_bytes(bytes));
  Header header;
  header.interlace = 1;
  CHECK(takes(header));
  header.interlace = 2;
  CHECK(!takes(header));
  header = {};
  header.compression = 1;
  CHECK(!takes(header));
  header = {};
  header.filter = 1;
  CHECK(!takes(header));
}

TEST("a side of a PNG image is from one pixel to the most that a side may have") {
  if (zlib() == nullptr) return;
  constexpr auto kMost = static_cast<std::uint32_t>(core::kMaxSide);
  for (const bool turned : {false, true}) {
    const auto takes_side = [&](std::uint32_t side) {
      Header header;
      (turned ? header.height : header.width) = side;
      return takes(header);
    };
    CHECK(takes_side(1) && takes_side(kMost));
    CHECK(!takes_side(0) && !takes_side(kMost + 1) && !takes_side(0x80000003U));
  }
}

// PNG specification, 5.3.
TEST("the name of a chunk of a PNG file is of letters alone") {
  if (zlib() == nullptr) return;
  for (std::size_t place = 0; place < 4; ++place) {
    std::string name = "prVt";
    for (const char letter : {'a', 'm', 'z', 'A', 'M', 'Z'}) {
      name[place] = letter;
      // one whose first letter is a capital has to be known
      const bool may_be_unknown = name[0] >= 'a';
      CHECK(takes_behind_header(png_chunk(name, {})) == may_be_unknown);
    }
    for (const char other : {'@', '[', '`', '{', '0', '_', ' ', '\xE4'}) {
      name[place] = other;
      CHECK(!takes_behind_header(png_chunk(name, {})));
    }
  }
}

TEST("grey of few bits is of levels from black to white, and others of none") {
  if (zlib() == nullptr) return;
  struct Case {
    const char* image;
    int levels;
  };
  for (const Case& one : {Case{"l-1bit", 2}, Case{"l-2bit", 4}, Case{"l-4bit", 16}, Case{"l", 0},
                          Case{"l-16bit", 0}, Case{"rgb", 0}, Case{"la", 0}}) {
    const auto [taken, png] =
        read(test::read_image("images/png-" + std::string(one.image) + ".png"));
    CHECK(taken && png.colours == one.levels);
    for (int level = 0; level < one.levels; ++level) {
      const auto grey = static_cast<std::uint8_t>(255 * level / (one.levels - 1));
      const std::array<std::uint8_t, 4> expected = {grey, grey, grey, 255};
      const auto& colour = png.palette[static_cast<std::size_t>(level)];
      CHECK(std::equal(expected.begin(), expected.end(), colour.begin()));
    }
  }
}

// acTL: frames, then how often they are shown.
FileBytes animation(std::uint32_t frames) {
  FileBytes bytes;
  add_number(bytes, frames);
  add_number(bytes, 0);
  return bytes;
}

TEST("an animated PNG file says once that it has at least one frame, and not too many") {
  if (zlib() == nullptr) return;
  const auto says = [](const FileBytes& contents) {
    return takes_behind_header(png_chunk("acTL", contents));
  };
  CHECK(says(animation(1)) && says(animation(0x80000000U)));
  CHECK(!says(animation(0)) && !says(animation(0x80000001U)));
  FileBytes contents = animation(1);
  contents.push_back(0);
  CHECK(says(contents));
  contents.resize(7);
  CHECK(!says(contents));
  const FileBytes once = png_chunk("acTL", animation(1));
  CHECK(!takes_behind_header(test::with(once, once.size(), once)));
}

// fcTL: number, width, height, left, top, and how long and how it is shown.
FileBytes frame(const std::array<std::uint32_t, 5>& numbers) {
  FileBytes bytes;
  for (const std::uint32_t number : numbers) add_number(bytes, number);
  bytes.resize(26);
  return bytes;
}

TEST("the frame in front of the pixels of a PNG file is the first one, and the whole image") {
  if (zlib() == nullptr) return;
  const auto [taken, png] = read(test::read_image("images/png-rgb.png"));
  CHECK(taken);
  const auto width = static_cast<std::uint32_t>(png.header.width);
  const auto height = static_cast<std::uint32_t>(png.header.height);
  CHECK(width != height);
  const auto has = [](const FileBytes& contents) {
    return takes_behind_header(png_chunk("fcTL", contents));
  };
  const std::array<std::uint32_t, 5> whole = {0, width, height, 0, 0};
  CHECK(has(frame(whole)));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const int bit : {0, 8, 16, 24}) {
      auto other = whole;
      other[i] ^= 1U << bit;
      CHECK(!has(frame(other)));
    }
  }
  FileBytes contents = frame(whole);
  std::fill(contents.begin() + 20, contents.end(), std::uint8_t{1});
  CHECK(has(contents));  // however long and in whatever way it is shown
  contents.push_back(0);
  CHECK(has(contents));
  contents.resize(25);
  CHECK(!has(contents));
  const FileBytes once = png_chunk("fcTL", frame(whole));
  CHECK(!takes_behind_header(test::with(once, once.size(), once)));
}

TEST("a PNG file with data of a frame in front of its pixels is read elsewhere") {
  if (zlib() == nullptr) return;
  CHECK(!takes_behind_header(png_chunk("fdAT", {0, 0, 0, 1, 0})));
}

TEST("a frame behind the pixels of a PNG file is one of those that it has said") {
  if (zlib() == nullptr) return;
  const FileBytes file = test::read_image("images/png-rgb.png");
  const auto has_two = [&](std::uint32_t frames) {
    const auto [taken, png] = read(file);
    CHECK(taken);
    const FileBytes whole =
        png_chunk("fcTL", frame({0, static_cast<std::uint32_t>(png.header.width),
                                 static_cast<std::uint32_t>(png.header.height), 0, 0}));
    FileBytes both = test::with(file, file.size() - test::kPngEndBytes, whole);
    both = test::with(both, kBehindPngHeader, whole);
    return read(test::with(both, kBehindPngHeader, png_chunk("acTL", animation(frames)))).taken;
  };
  CHECK(has_two(2));
  CHECK(!has_two(1));
}

TEST("a PNG file says by XMP how it is turned once") {
  if (zlib() == nullptr) return;
  const std::string xmp("XML:com.adobe.xmp\0\0\0\0\0<x/>", 26);
  const FileBytes once = png_chunk("iTXt", {xmp.begin(), xmp.end()});
  CHECK(takes_behind_header(once));
  CHECK(!takes_behind_header(test::with(once, once.size(), once)));
}

TEST("a text of a PNG file that may say how it is turned is read elsewhere") {
  if (zlib() == nullptr) return;
  // zlib.compress(b"")
  const FileBytes packed = {0, 0, 0x78, 0x9C, 3, 0, 0, 0, 0, 1};
  for (const std::string key : {"eXIf", "exif", "Raw profile type exif", "XML:com.adobe.xmp"}) {
    for (const bool other : {false, true}) {
      const std::string name = other ? key + "s" : key;
      FileBytes text(name.begin(), name.end());
      const FileBytes zipped = test::with(text, text.size(), packed);
      text.push_back(0);
      CHECK(takes_behind_header(png_chunk("tEXt", text)) == other);
      CHECK(takes_behind_header(png_chunk("zTXt", zipped)) == other);
    }
  }
}

}  // namespace
