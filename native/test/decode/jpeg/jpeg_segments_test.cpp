// Segments in front of whole files of edited-jpegs.bin, and what Pillow 13.0 says of the files:
// Image.open(file).load().

#include <cstdint>
#include <string>

#include "decode/jpeg/jpeg_header.h"
#include "decode/jpeg/jpeg_verdict.h"
#include "test/check.h"
#include "test/golden_lines.h"
#include "test/images.h"

namespace {

using namespace pixtok;
using test::FileBytes;

constexpr std::ptrdiff_t kStart = 2;  // start of image
constexpr int kJfif = 0xE0;
constexpr int kAdobe = 0xEE;
constexpr int kArithmeticConditioning = 0xCC;

FileBytes whole_file(const std::string& name) {
  const FileBytes all = test::read_image("damaged/edited-jpegs.bin");
  for (const test::GoldenLine& line : test::data_lines("damaged/edited-jpegs.jsonl")) {
    if (line.text("whole") != name) continue;
    const auto from = all.begin() + line.integer("at");
    return {from, from + line.integer("bytes")};
  }
  test::fail(__FILE__, __LINE__, name);
  return {};
}

FileBytes segment(int marker, const FileBytes& contents) {
  const std::size_t length = contents.size() + 2;
  FileBytes bytes = {0xFF, static_cast<std::uint8_t>(marker),
                     static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length)};
  bytes.insert(bytes.end(), contents.begin(), contents.end());
  return bytes;
}

FileBytes in_front(const FileBytes& added, FileBytes file) {
  file.insert(file.begin() + kStart, added.begin(), added.end());
  return file;
}

bool opens(const FileBytes& file) {
  decode::JpegHeader header;
  return decode::read_jpeg_header(test::view_of(file), header).ok() &&
         decode::jpeg_verdict(test::view_of(file)).ok();
}

// Without the segment of Adobe that says so.
FileBytes lossless_of_rgb() {
  FileBytes file = whole_file("lossless");
  CHECK(file[3] == kAdobe);
  file.erase(file.begin() + kStart, file.begin() + kStart + 2 + file[5]);
  return file;
}

FileBytes jfif(std::size_t bytes) {
  FileBytes contents = {'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0};
  contents.resize(bytes);
  return segment(kJfif, contents);
}

FileBytes adobe(std::uint8_t transform, std::size_t bytes) {
  FileBytes contents = {'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, transform};
  contents.resize(bytes);
  return segment(kAdobe, contents);
}

TEST("a lossless JPEG file opens where no whole segment says that its colours are not RGB") {
  const FileBytes file = lossless_of_rgb();
  CHECK(opens(file));
  CHECK(opens(in_front(jfif(13), file)));
  for (const std::size_t bytes : {14U, 15U}) CHECK(!opens(in_front(jfif(bytes), file)));
  for (const std::uint8_t transform : {std::uint8_t{1}, std::uint8_t{2}}) {
    CHECK(opens(in_front(adobe(transform, 11), file)));
    for (const std::size_t bytes : {12U, 13U}) {
      CHECK(!opens(in_front(adobe(transform, bytes), file)));
    }
  }
  for (const std::size_t bytes : {11U, 12U, 13U}) CHECK(opens(in_front(adobe(0, bytes), file)));
}

TEST("what an image of tables alone says of colours does not hold for the image behind it") {
  const FileBytes file = lossless_of_rgb();
  for (const FileBytes& said : {jfif(14), adobe(1, 12)}) {
    FileBytes both = in_front(said, {0xFF, 0xD8, 0xFF, 0xD9});
    both.insert(both.end(), file.begin(), file.end());
    CHECK(opens(both));
  }
}

TEST("conditioning of arithmetic coding is of pairs: a table that there is, and what it may have") {
  struct Case {
    FileBytes pairs;
    bool opens;
  };
  const Case cases[] = {{{}, true},
                        {{0x00, 0x10}, true},
                        {{0x00, 0x10, 0x01, 0x21}, true},
                        {{0x00}, false},
                        {{0x00, 0x10, 0x01}, false},
                        {{0x00, 0x11}, true},
                        {{0x00, 0x12}, false},
                        {{0x0F, 0xFF}, true},
                        {{0x0F, 0xEF}, false},
                        {{0x10, 0x05}, true},
                        {{0x1F, 0x05}, true},
                        {{0x20, 0x05}, false}};
  for (const char* name : {"grey", "baseline", "progressive", "cmyk"}) {
    const FileBytes file = whole_file(name);
    for (const Case& one : cases) {
      const FileBytes conditioned = in_front(segment(kArithmeticConditioning, one.pairs), file);
      CHECK(opens(conditioned) == one.opens);
    }
  }
}

}  // namespace
