// TIFF files of CCITT codes, whole ones and damaged ones, and what Pillow, by libtiff, says of each
// (test/goldens/make_fax.py).

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "decode/file_numbers.h"
#include "decode/tiff/tiff_fax.h"
#include "test/check.h"
#include "test/golden_lines.h"
#include "test/images.h"

namespace {

using namespace pixtok;
using decode::FaxCoding;
using test::FileBytes;

// Numbers of the first directory, by tag: of files whose first byte is the lowest.
std::map<int, std::vector<std::uint32_t>> numbers_of(const FileBytes& file) {
  constexpr std::uint32_t kShort = 3;
  std::map<int, std::vector<std::uint32_t>> numbers;
  const std::uint8_t* entry = file.data() + decode::little32(file.data() + 4);
  const auto entries = decode::little16(entry);
  entry += 2;
  for (std::uint32_t i = 0; i < entries; ++i, entry += 12) {
    const bool is_short = decode::little16(entry + 2) == kShort;
    const std::size_t bytes = is_short ? 2 : 4;
    const std::uint32_t count = decode::little32(entry + 4);
    const bool is_inline = count * bytes <= 4;
    const std::uint8_t* at = is_inline ? entry + 8 : file.data() + decode::little32(entry + 8);
    auto& values = numbers[static_cast<int>(decode::little16(entry))];
    for (std::uint32_t k = 0; k < count; ++k, at += bytes) {
      values.push_back(is_short ? decode::little16(at) : decode::little32(at));
    }
  }
  return numbers;
}

FaxCoding coding_of(std::uint32_t compression, bool is_mixed) {
  if (compression == 2) return FaxCoding::kRows;
  if (compression == 4) return FaxCoding::kGroup4;
  return is_mixed ? FaxCoding::kGroup3Mixed : FaxCoding::kGroup3;
}

// Of the image in RGB, whose black is 0; nothing where a strip cannot be unpacked.
std::optional<std::string> hash_of(const FileBytes& file) {
  auto numbers = numbers_of(file);
  const std::uint32_t width = numbers[256].at(0);
  const std::uint32_t height = numbers[257].at(0);
  const std::uint32_t rows_of_strip = numbers[278].at(0);
  const std::vector<std::uint32_t>& starts = numbers[273];
  const bool is_mixed = !numbers[292].empty() && (numbers[292][0] & 1) != 0;
  const bool black_is_zero = numbers[262].at(0) == 1;
  decode::TiffFax fax(coding_of(numbers[259].at(0), is_mixed), width);
  const std::size_t row_bytes = (width + std::size_t{7}) / 8;
  std::vector<FileBytes> strips;
  FileBytes rgb;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const auto first = static_cast<std::uint32_t>(i) * rows_of_strip;
    const std::uint32_t rows = std::min(rows_of_strip, height - first);
    FileBytes strip(row_bytes * rows);
    const std::uint8_t* before = i == 0 ? nullptr : strips.back().data();
    const core::Bytes packed{file.data() + starts[i], numbers[279].at(i)};
    if (!fax.unpack(packed, strip.data(), strip.size(), before).ok()) return std::nullopt;
    for (std::uint32_t y = 0; y < rows; ++y) {
      for (std::uint32_t x = 0; x < width; ++x) {
        const bool bit = (strip[y * row_bytes + x / 8] >> (7 - x % 8) & 1) != 0;
        rgb.insert(rgb.end(), 3, bit == black_is_zero ? 255 : 0);
      }
    }
    strips.push_back(std::move(strip));
  }
  return test::sha256(rgb.data(), rgb.size());
}

TEST("TIFF images of CCITT codes, damaged ones too, have Pillow's pixels") {
  int opened = 0;
  for (const test::DamagedImage& image : test::damaged_images("", "fax")) {
    const std::optional<std::string> hash = hash_of(image.file);
    const std::string expected = test::GoldenLine(image.line).text("rgb");
    if (hash.has_value() != image.opens || (hash && *hash != expected)) {
      test::fail(__FILE__, __LINE__, image.line);
    }
    if (hash) ++opened;
  }
  CHECK(opened > 100);
}

}  // namespace
