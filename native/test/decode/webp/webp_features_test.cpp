// What WebP images say of themselves in front of their pixels (RFC 6386, section 9.1; RFC 9649,
// section 3.4), and where their frames may lie.

#include "decode/webp/webp_features.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "decode/webp/webp_file.h"
#include "test/check.h"
#include "test/guarded_bytes.h"
#include "test/images.h"

namespace {

using namespace pixtok;
using test::FileBytes;

struct Read {
  bool ok;
  decode::WebpFeatures features;
};

Read read(const FileBytes& chunk) {
  const test::GuardedBytes guarded(chunk);
  Read result{};
  result.features = {7, 7, true};  // of another image
  result.ok = decode::read_webp_image({guarded.data(), guarded.size()}, result.features);
  return result;
}

void add(FileBytes& bytes, std::uint32_t number, int count) {
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<std::uint8_t>(number >> 8 * i));
}

// `bits` are the first three bytes; the chunk says that it has `size` bytes.
FileBytes lossy(std::uint32_t bits, std::uint32_t size, std::uint32_t width, std::uint32_t height) {
  FileBytes chunk = {'V', 'P', '8', ' '};
  add(chunk, size, 4);
  add(chunk, bits, 3);
  for (const int byte : {0x9D, 0x01, 0x2A}) chunk.push_back(static_cast<std::uint8_t>(byte));
  add(chunk, width, 2);
  add(chunk, height, 2);
  return chunk;
}

constexpr std::uint32_t kShown = 1 << 4;

std::uint32_t first_partition(std::uint32_t bytes) { return bytes << 5; }

FileBytes lossless(std::uint32_t bits) {
  FileBytes chunk = {'V', 'P', '8', 'L', 5, 0, 0, 0, 0x2F};
  add(chunk, bits, 4);
  return chunk;
}

TEST("a lossy WebP image has its size in 14 bits, and no alpha") {
  const Read largest = read(lossy(kShown, 100, 0x3FFF, 0x3FFF));
  CHECK(largest.ok && largest.features.width == 16383 && largest.features.height == 16383);
  CHECK(!largest.features.has_alpha);
  // how it is to be scaled stands above the size
  const Read scaled = read(lossy(kShown, 100, 0xC001, 0x4002));
  CHECK(scaled.ok && scaled.features.width == 1 && scaled.features.height == 2);
  CHECK(!read(lossy(kShown, 100, 0xC000, 5)).ok);
  CHECK(!read(lossy(kShown, 100, 5, 0x4000)).ok);
}

TEST("a lossy WebP image is a shown key frame of a known profile") {
  for (const std::uint32_t profile : {0U, 1U, 2U, 3U}) {
    CHECK(read(lossy(kShown | profile << 1, 100, 5, 6)).ok);
  }
  for (const std::uint32_t profile : {4U, 5U, 7U}) {
    CHECK(!read(lossy(kShown | profile << 1, 100, 5, 6)).ok);
  }
  CHECK(!read(lossy(kShown | 1, 100, 5, 6)).ok);
  CHECK(!read(lossy(0, 100, 5, 6)).ok);
  for (std::size_t at = 11; at < 14; ++at) {
    FileBytes other = lossy(kShown, 100, 5, 6);
    other[at] ^= 0x10;
    CHECK(!read(other).ok);
  }
}

TEST("the first part of a lossy WebP image is smaller than its chunk") {
  CHECK(read(lossy(kShown | first_partition(99), 100, 5, 6)).ok);
  CHECK(!read(lossy(kShown | first_partition(100), 100, 5, 6)).ok);
  constexpr std::uint32_t kMost = (1 << 19) - 1;
  CHECK(read(lossy(kShown | first_partition(kMost), kMost + 1, 5, 6)).ok);
  CHECK(!read(lossy(kShown | first_partition(kMost), kMost, 5, 6)).ok);
}

TEST("a lossless WebP image has its size less one in 14 bits, then alpha, then no version") {
  const Read smallest = read(lossless(0));
  CHECK(smallest.ok && smallest.features.width == 1 && smallest.features.height == 1);
  CHECK(!smallest.features.has_alpha);
  const Read largest = read(lossless(0x1FFFFFFF));
  CHECK(largest.ok && largest.features.width == 16384 && largest.features.height == 16384);
  CHECK(largest.features.has_alpha);
  const Read other = read(lossless(4U | 9U << 14));
  CHECK(other.ok && other.features.width == 5 && other.features.height == 10);
  for (const int bit : {29, 30, 31}) CHECK(!read(lossless(1U << bit)).ok);
  FileBytes unsigned_one = lossless(0);
  unsigned_one[8] = 0x2E;
  CHECK(!read(unsigned_one).ok);
}

TEST("the header of a WebP image is read where it is whole, and nothing behind it") {
  for (const FileBytes& whole : {lossy(kShown, 100, 5, 6), lossless(0)}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const auto end = whole.begin() + static_cast<std::ptrdiff_t>(size);
      const Read cut = read(FileBytes(whole.begin(), end));
      CHECK(!cut.ok && cut.features.width == 0 && cut.features.height == 0);
    }
    CHECK(read(whole).ok);
  }
}

bool opens(const FileBytes& file) {
  decode::WebpFile webp;
  return decode::read_webp_file(test::view_of(file), webp).ok();
}

TEST("a frame of an animated WebP file lies within its canvas") {
  int beyond = 0;
  for (const test::DamagedImage& image : test::damaged_images("webp: small", "odd-webps")) {
    const bool is_animated = image.name.find("flags 2") != std::string::npos ||
                             image.name.find("flags 18") != std::string::npos ||
                             image.name.find("flags 10") != std::string::npos;
    if (!is_animated) continue;
    // the canvas is of 12 x 8, the frame of 6 x 4
    const bool is_beyond = image.name.find("at (0, 0)") == std::string::npos &&
                           image.name.find("at (2, 0)") == std::string::npos &&
                           image.name.find("at (0, 4)") == std::string::npos &&
                           image.name.find("at (6, 4)") == std::string::npos;
    CHECK(opens(image.file) != is_beyond);
    if (is_beyond) ++beyond;
  }
  CHECK(beyond > 10);
}

TEST("a frame of more pixels than libwebp takes is refused, however long it is shown") {
  const auto frames = test::damaged_images("webp: frame that says (65536, 65536)", "odd-webps");
  CHECK(frames.size() == 1);
  FileBytes file = frames.front().file;
  const std::string name = "ANMF";
  const auto frame = std::search(file.begin(), file.end(), name.begin(), name.end());
  CHECK(frame != file.end());
  CHECK(!opens(file));
  // width and height less one, in three bytes each, then how long
  for (int i = 0; i < 3; ++i) *(frame + 8 + 12 + i) = 0;
  CHECK(!opens(file));
  *(frame + 8 + 11) = 0;
  *(frame + 8 + 10) = 0;
  CHECK(opens(file));  // of 65536 x 256
}

TEST("a WebP file that is declared to be longer than it is, or shorter than a chunk, is refused") {
  const FileBytes whole = test::read_image("images/webp-lossless.webp");
  CHECK(opens(whole));
  FileBytes longer = whole;
  longer[4] = static_cast<std::uint8_t>(longer[4] + 1);
  CHECK(!opens(longer));
  for (const int size : {0, 4, 11}) {
    FileBytes shorter = whole;
    shorter[4] = static_cast<std::uint8_t>(size);
    shorter[5] = shorter[6] = shorter[7] = 0;
    CHECK(!opens(shorter));
    shorter.resize(size == 11 ? 19 : 12);
    const test::GuardedBytes guarded(shorter);
    decode::WebpFile webp;
    CHECK(!decode::read_webp_file({guarded.data(), guarded.size()}, webp).ok());
  }
}

}  // namespace
