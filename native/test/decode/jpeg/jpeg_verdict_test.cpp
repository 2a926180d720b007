// Files that are damaged, and what Pillow says of them.

#include "decode/jpeg/jpeg_verdict.h"

#include <array>
#include <cstdint>
#include <random>
#include <string>

#include "decode/jpeg/jpeg_header.h"
#include "test/check.h"
#include "test/images.h"

namespace {

using namespace pixtok;
using core::Status;
using core::StatusCode;

Status verdict_on(const test::FileBytes& file) {
  decode::JpegHeader header;
  const Status status = decode::read_jpeg_header(test::view_of(file), header);
  return status.ok() ? decode::jpeg_verdict(test::view_of(file)) : status;
}

TEST("a JPEG file opens where it opens in Pillow") {
  for (const test::DamagedJpeg& damaged : test::damaged_jpegs()) {
    const bool opens = verdict_on(damaged.file).ok();
    // 3.6 gigapixels: Pillow has a limit for that, as plans have.
    if (opens != damaged.opens && damaged.name != "huge.jpg") {
      test::fail(__FILE__, __LINE__, damaged.name);
    }
  }
}

TEST("whole JPEG files open") {
  for (const char* name : {"420", "422", "444", "grey", "progressive", "progressive-444",
                           "restarts", "restart-rows", "cmyk", "ycck", "500x375", "1x1", "3x400",
                           "optimized", "junk-in-header", "junk-before-eoi", "trailing-garbage"}) {
    CHECK(verdict_on(test::read_image(std::string("images/jpeg-") + name + ".jpg")).ok());
  }
}

TEST("a JPEG file that is cut anywhere is truncated, where there is a verdict") {
  for (const char* name : {"420", "progressive", "restarts", "cmyk"}) {
    const auto whole = test::read_image(std::string("images/jpeg-") + name + ".jpg");
    for (std::size_t size = 3; size + 12 < whole.size(); size += 1 + size / 97) {
      const test::FileBytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      CHECK(verdict_on(cut).code == StatusCode::kTruncatedImage);
    }
  }
}

// The verdicts of Pillow 13.
TEST("sampling factors of a JPEG file divide the largest one of their axis") {
  struct Case {
    std::array<std::uint8_t, 3> factors;  // across and down, of each component
    bool opens;
  };
  const Case cases[] = {{{0x22, 0x11, 0x11}, true},  {{0x31, 0x11, 0x11}, true},
                        {{0x31, 0x31, 0x11}, true},  {{0x41, 0x21, 0x11}, true},
                        {{0x31, 0x21, 0x11}, false}, {{0x13, 0x12, 0x11}, false},
                        {{0x41, 0x31, 0x11}, false}};
  auto file = test::read_image("images/jpeg-420.jpg");
  std::size_t frame = 2;
  while (file[frame + 1] != 0xC0) frame += 2 + 256U * file[frame + 2] + file[frame + 3];
  for (const Case& one : cases) {
    for (std::size_t i = 0; i < 3; ++i) file[frame + 11 + 3 * i] = one.factors[i];
    CHECK(verdict_on(file).ok() == one.opens);
  }
}

// Five thousand scans of nothing; without a limit each takes as long as the image is large.
TEST("a JPEG file of more scans than any image has is refused") {
  auto file = test::read_image("images/jpeg-progressive.jpg");
  decode::JpegHeader header;
  CHECK(decode::read_jpeg_header(test::view_of(file), header).ok());
  file.resize(file.size() - 2);
  for (int i = 0; i < 5000; ++i) {
    for (const int byte : {0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 1, 0x10}) {
      file.push_back(static_cast<std::uint8_t>(byte));
    }
  }
  file.push_back(0xFF);
  file.push_back(0xD9);
  CHECK(!verdict_on(file).ok());
}

// Bits of a scan, the highest first, with the zero that follows a byte of ones.
class ScanBits {
 public:
  void put(unsigned bits, int count) {
    for (int i = count - 1; i >= 0; --i) {
      held_ = held_ << 1 | (bits >> i & 1);
      if (++held_bits_ == 8) flush();
    }
  }
  test::FileBytes ended() {
    while (held_bits_ > 0) put(1, 1);
    return bytes_;
  }

 private:
  void flush() {
    bytes_.push_back(static_cast<std::uint8_t>(held_));
    if (bytes_.back() == 0xFF) bytes_.push_back(0);
    held_ = 0;
    held_bits_ = 0;
  }

  test::FileBytes bytes_;
  unsigned held_ = 0;
  int held_bits_ = 0;
};

// A progressive image of 256 x 257 blocks of one component: the first coefficients of 65538 of them
// differ by 32767 from the one before, up or down, one differs by what is given, and the others by
// nothing.
test::FileBytes far_from_the_first(bool up, unsigned last, int last_bits) {
  constexpr int kAcross = 256;
  constexpr int kDown = 257;
  constexpr int kFar = 65538;
  test::FileBytes file = {0xFF, 0xD8};
  const auto add_segment = [&file](int marker, const test::FileBytes& contents) {
    const auto length = static_cast<int>(contents.size()) + 2;
    for (const int byte : {0xFF, marker, length >> 8, length & 0xFF}) {
      file.push_back(static_cast<std::uint8_t>(byte));
    }
    file.insert(file.end(), contents.begin(), contents.end());
  };
  test::FileBytes quantization(65, 1);
  quantization[0] = 0;
  add_segment(0xDB, quantization);
  add_segment(0xC2, {8, kDown >> 5, kDown << 3 & 0xFF, kAcross >> 5, 0, 1, 1, 0x11, 0});
  // codes 0, 10, 110 and 1110, of differences of 15, 1, 2 and no bits
  add_segment(0xC4, {0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 15, 1, 2, 0});
  add_segment(0xDA, {1, 1, 0, 0, 0, 0});
  ScanBits bits;
  for (int i = 0; i < kFar; ++i) bits.put(up ? 0x7FFF : 0, 16);
  bits.put(last, last_bits);
  for (int i = kFar + 1; i < kAcross * kDown; ++i) bits.put(0b1110, 4);
  const test::FileBytes data = bits.ended();
  file.insert(file.end(), data.begin(), data.end());
  file.insert(file.end(), {0xFF, 0xD9});
  return file;
}

// As Pillow 13 has it, with libjpeg-turbo 3.1.
TEST("the sum of a progressive JPEG image's differences has 32 bits") {
  CHECK(verdict_on(far_from_the_first(true, 0b101, 3)).ok());      // 1 more: 2^31 - 1
  CHECK(!verdict_on(far_from_the_first(true, 0b11010, 5)).ok());   // 2
  CHECK(verdict_on(far_from_the_first(false, 0b11001, 5)).ok());   // 2 less: -2^31
  CHECK(!verdict_on(far_from_the_first(false, 0b11000, 5)).ok());  // 3
}

// By restart interval, and then by the number of the marker behind it: what Pillow 13 says of the
// file. An earlier restart than the one expected is passed over, one or two later are left for
// later, and another is taken for the one expected.
TEST("a cut file with a restart of another number opens where it opens in Pillow") {
  const char* const opens[] = {"00000000", "00000000", "00000000",
                               "00000100", "00000110", "00000011"};
  const test::FileBytes whole = test::read_image("images/jpeg-restart-rows.jpg");
  std::size_t interval = 0;
  for (std::size_t at = 1; at < whole.size(); ++at) {
    if (whole[at - 1] != 0xFF || (whole[at] & ~7) != 0xD0) continue;
    for (int number = 0; number < 8; ++number) {
      test::FileBytes file = whole;
      file[at] = static_cast<std::uint8_t>(0xD0 + number);
      CHECK(decode::jpeg_verdict(test::view_of(file)).ok());
      file.pop_back();
      const bool has_opened = decode::jpeg_verdict(test::view_of(file)).ok();
      CHECK(has_opened == (opens[interval][number] == '1'));
    }
    ++interval;
  }
  CHECK(interval == 6);
}

TEST("the last segments of a header count") {
  decode::JpegHeader header;
  const auto turned = test::read_image("images/jpeg-orientation-6.jpg");
  CHECK(decode::read_jpeg_header(test::view_of(turned), header).ok());
  CHECK(header.width == 90 && header.height == 60 && header.layers == 3);
  CHECK(header.orientation() == 6);
}

TEST("there is a verdict on damaged JPEG files, whatever it is") {
  std::mt19937_64 random(test::seed());
  for (const char* name : {"420", "progressive", "restarts", "grey", "cmyk", "progressive-444"}) {
    const auto whole = test::read_image(std::string("images/jpeg-") + name + ".jpg");
    if (whole.empty()) return;
    for (int i = 0; i < test::random_cases() / 4; ++i) {
      test::FileBytes damaged = whole;
      for (int changes = 0; changes < 1 + i % 4; ++changes) {
        const std::size_t at = 2 + random() % (damaged.size() - 2);
        damaged[at] = static_cast<std::uint8_t>(random());
        if (random() % 3 == 0) damaged[at - 1] = 0xFF;
      }
      (void)verdict_on(damaged);
    }
  }
}

}  // namespace
