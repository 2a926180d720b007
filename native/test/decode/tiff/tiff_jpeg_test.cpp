// JPEG strips, and what libtiff says of them.

#include "decode/tiff/tiff_jpeg.h"

#include <algorithm>
#include <random>

#include "test/check.h"
#include "test/images.h"

namespace {

using namespace pixtok;
using core::StatusCode;
using decode::TiffJpegLayout;
using decode::TiffJpegReader;
using test::FileBytes;

// Of test/data/images/jpeg-420.jpg.
constexpr int kWidth = 150;
constexpr int kHeight = 100;
constexpr std::uint8_t kStartOfScan = 0xDA;
constexpr std::uint8_t kQuantizationTables = 0xDB;
constexpr std::uint8_t kHuffmanTables = 0xC4;
constexpr std::uint8_t kFrame = 0xC0;

TiffJpegLayout layout_of(int width) { return {width, 3, 2, 2, true, 1'000'000}; }

bool reads(TiffJpegReader& reader, const FileBytes& jpeg, int rows = kHeight,
           bool may_be_taller = false) {
  int width = 0;
  int height = 0;
  return reader.read_block({test::view_of(jpeg), rows, may_be_taller}, width, height).ok();
}

bool is_read(const TiffJpegLayout& layout, const FileBytes& jpeg, int rows = kHeight,
             bool may_be_taller = false) {
  TiffJpegReader reader(layout);
  return reads(reader, jpeg, rows, may_be_taller);
}

// Where the first segment of a kind begins, its marker first.
std::size_t segment_of(const FileBytes& jpeg, std::uint8_t marker) {
  std::size_t at = 2;
  while (jpeg[at + 1] != marker) at += 2 + 256U * jpeg[at + 2] + jpeg[at + 3];
  return at;
}

FileBytes without_segments(FileBytes jpeg, std::uint8_t marker) {
  std::size_t at = 2;
  while (jpeg[at + 1] != kStartOfScan) {
    const std::size_t end = at + 2 + 256U * jpeg[at + 2] + jpeg[at + 3];
    if (jpeg[at + 1] == marker) {
      jpeg.erase(jpeg.begin() + static_cast<std::ptrdiff_t>(at),
                 jpeg.begin() + static_cast<std::ptrdiff_t>(end));
    } else {
      at = end;
    }
  }
  return jpeg;
}

TEST("a JPEG strip may end early behind its header, and have anything behind its last row") {
  const FileBytes whole = test::read_image("images/jpeg-420.jpg");
  const std::size_t scan = segment_of(whole, kStartOfScan);
  const std::size_t data = scan + 2 + 256U * whole[scan + 2] + whole[scan + 3];
  for (std::size_t size = 1; size <= whole.size(); ++size) {
    const FileBytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    // what is missing of the last number is 0xFF: the numbers of the scan's coefficients do not
    // matter
    const bool has_header = size >= data - 3;
    if (is_read(layout_of(kWidth), cut) != has_header) test::fail(__FILE__, __LINE__, "cut");
  }
  FileBytes tail = whole;
  tail.insert(tail.end() - 2, {0xFF, 0x02, 0xFF, 0xC8, 0xFF, 0xDA, 0x00});
  CHECK(is_read(layout_of(kWidth), tail));
}

TEST("a JPEG strip may be smaller than its place, and the last one taller") {
  const FileBytes whole = test::read_image("images/jpeg-420.jpg");
  CHECK(is_read(layout_of(kWidth + 1), whole, kHeight + 1));
  CHECK(!is_read(layout_of(kWidth - 1), whole, kHeight));
  CHECK(!is_read(layout_of(kWidth), whole, kHeight - 1));
  CHECK(is_read(layout_of(kWidth), whole, kHeight - 1, true));
  CHECK(!is_read(layout_of(kWidth + 1), whole, kHeight - 1, true));
  TiffJpegLayout small = layout_of(kWidth);
  small.max_pixels = kWidth * kHeight - 1;
  CHECK(!is_read(small, whole, kHeight - 1, true));
}

TEST("a JPEG strip says its own size, whatever its place has") {
  const FileBytes whole = test::read_image("images/jpeg-420.jpg");
  TiffJpegReader reader(layout_of(kWidth + 9));
  int width = 0;
  int height = 0;
  CHECK(reader.read_block({test::view_of(whole), kHeight + 5, false}, width, height).ok());
  CHECK(width == kWidth && height == kHeight);
}

TEST("a JPEG strip has the components and the sampling that its file declares") {
  const FileBytes whole = test::read_image("images/jpeg-420.jpg");
  const FileBytes grey = test::read_image("images/jpeg-grey.jpg");
  for (const int across : {1, 2, 4}) {
    for (const int down : {1, 2, 4}) {
      TiffJpegLayout layout = layout_of(kWidth);
      layout.across = across;
      layout.down = down;
      CHECK(is_read(layout, whole) == (across == 2 && down == 2));
    }
  }
  CHECK(!is_read({60000, 3, 1, 1, true, 1'000'000}, grey, 60000));
  // Its only component has factors of 2.
  CHECK(!is_read({60000, 1, 2, 2, true, 1'000'000}, grey, 60000));
  CHECK(!is_read({60000, 1, 1, 1, false, 1'000'000}, grey, 60000));
  CHECK(is_read({60000, 1, 2, 2, false, 1'000'000}, grey, 60000));
  FileBytes odd = whole;
  odd[segment_of(odd, kFrame) + 14] = 0x21;  // of Cb
  CHECK(!is_read(layout_of(kWidth), odd));
}

TEST("tables of JPEG strips stay for those behind") {
  const FileBytes whole = test::read_image("images/jpeg-420.jpg");
  const FileBytes bare =
      without_segments(without_segments(whole, kQuantizationTables), kHuffmanTables);
  CHECK(!is_read(layout_of(kWidth), bare));
  TiffJpegReader reader(layout_of(kWidth));
  CHECK(!reads(reader, bare));
  CHECK(reads(reader, whole));
  CHECK(reads(reader, bare));
  const std::vector<std::uint8_t> tables = reader.tables();
  TiffJpegReader other(layout_of(kWidth));
  CHECK(other.read_tables({tables.data(), tables.size()}).ok());
  CHECK(other.tables() == tables);
  CHECK(reads(other, bare));
}

// T.81, B.2.4: lengths have two bytes.
TEST("tables are given back as they were read, the longest that there can be, too") {
  constexpr std::size_t kMostSymbols = 256;
  FileBytes file = {0xFF, 0xD8, 0xFF, kQuantizationTables, 0, 131, 0x10};
  for (int value = 1; value <= 64; ++value) {
    file.insert(file.end(),
                {static_cast<std::uint8_t>(value), static_cast<std::uint8_t>(5 * value - 1)});
  }
  constexpr std::size_t kLength = 2 + 17 + kMostSymbols;
  file.insert(file.end(), {0xFF, kHuffmanTables, kLength >> 8, kLength & 0xFF, 0x10});
  file.insert(file.end(), 14, 0);
  file.insert(file.end(), {120, 136});
  for (std::size_t symbol = 0; symbol < kMostSymbols; ++symbol) {
    file.push_back(static_cast<std::uint8_t>(symbol));
  }
  file.insert(file.end(), {0xFF, 0xD9});
  TiffJpegReader reader(layout_of(kWidth));
  CHECK(reader.read_tables(test::view_of(file)).ok());
  CHECK(reader.tables() == file);
}

// Behind the scan, where libjpeg looks for the end of the image.
TEST("tables behind the last row of a JPEG strip are those of the next") {
  const FileBytes whole = test::read_image("images/jpeg-420.jpg");
  FileBytes nines = whole;
  nines.resize(nines.size() - 2);
  nines.insert(nines.end(), {0xFF, kQuantizationTables, 0, 67, 0});
  nines.insert(nines.end(), 64, 9);
  nines.insert(nines.end(), {0xFF, 0xD9});
  TiffJpegReader reader(layout_of(kWidth));
  CHECK(reads(reader, nines));
  const std::uint8_t expected[] = {0xFF, kQuantizationTables, 0, 131, 0x10, 0, 9, 0, 9};
  const auto has_nines = [&expected](const std::vector<std::uint8_t>& tables) {
    return std::search(tables.begin(), tables.end(), std::begin(expected), std::end(expected)) !=
           tables.end();
  };
  CHECK(has_nines(reader.tables()));
  // libtiff does not get so far where it needs fewer rows
  TiffJpegReader of_fewer_rows(layout_of(kWidth));
  CHECK(reads(of_fewer_rows, nines, kHeight - 1, true));
  CHECK(!has_nines(of_fewer_rows.tables()));
}

TEST("JPEG tables of a TIFF file are tables alone") {
  const FileBytes whole = test::read_image("images/jpeg-420.jpg");
  TiffJpegReader reader(layout_of(kWidth));
  CHECK(!reader.read_tables(test::view_of(whole)).ok());
  CHECK(!reader.read_tables({}).ok());
  const std::uint8_t none[] = {0xFF, 0xD8};
  CHECK(reader.read_tables({none, sizeof none}).ok());
}

TEST("damaged JPEG strips are judged, whatever comes out") {
  std::mt19937_64 random(test::seed());
  for (const char* name : {"images/jpeg-420.jpg", "images/jpeg-progressive.jpg"}) {
    const FileBytes whole = test::read_image(name);
    for (int i = 0; i < test::random_cases() / 4; ++i) {
      FileBytes damaged = whole;
      for (int changes = 0; changes < 1 + i % 4; ++changes) {
        damaged[random() % damaged.size()] = static_cast<std::uint8_t>(random());
      }
      damaged.resize(1 + random() % damaged.size());
      (void)is_read({65535, 3, 2, 2, true, 1'000'000}, damaged, 65535);
    }
  }
}

}  // namespace
