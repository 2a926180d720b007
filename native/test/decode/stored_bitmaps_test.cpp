// Files of formats that only decoders of our own read, and what Pillow says of them.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "decode/bmp/bmp_decoder.h"
#include "decode/netpbm/netpbm_decoder.h"
#include "decode/qoi/qoi_decoder.h"
#include "decode/qoi/qoi_header.h"
#include "decode/tga/tga_decoder.h"
#include "kernels/kernel_table.h"
#include "test/check.h"
#include "test/decode/decoded_image.h"
#include "test/images.h"
#include "test/temporary_folder.h"
#include "transform/image_worker.h"
#include "transform/normalizer.h"

namespace {

using namespace pixtok;
using core::StatusCode;
using test::FileBytes;

core::Status prepared(transform::Sample sample, std::int64_t max_pixels = INT64_MAX) {
  static transform::ImageWorker worker(kernels::chosen(), std::nullopt,
                                       nullptr);  // as a thread's is
  transform::Plan plan;
  plan.geometry.width = plan.geometry.output_width = 4;
  plan.geometry.height = plan.geometry.output_height = 3;
  plan.type = kernels::ElementType::kUint8;
  plan.max_pixels = max_pixels;
  plan.normalizer = transform::build_normalizer({}, kernels::chosen());
  std::vector<std::uint8_t> row(plan.slot_bytes());
  return worker.prepare(sample, plan, row.data());
}

core::Status prepared(const FileBytes& file, std::int64_t max_pixels) {
  return prepared({transform::EncodedSample{file.data(), file.size(), nullptr}, {}}, max_pixels);
}

TEST("a BMP, Netpbm, TGA or QOI file opens where it opens in Pillow") {
  for (const char* format : {"bmp", "ppm", "tga", "qoi"}) {
    for (const test::DamagedImage& damaged : test::damaged_images(format, "odd-bitmaps")) {
      if (prepared(damaged.file, 1 << 20).ok() != damaged.opens) {
        test::fail(__FILE__, __LINE__, damaged.name);
      }
    }
  }
}

TEST("a bitmap's pixels are padded unless they are in the file") {
  decode::BmpDecoder bmp;
  decode::NetpbmDecoder netpbm;
  decode::TgaDecoder tga;
  decode::QoiDecoder qoi;
  const std::pair<const char*, decode::ImageDecoder*> decoders[] = {
      {"bmp", &bmp}, {"ppm", &netpbm}, {"tga", &tga}, {"qoi", &qoi}};
  for (const auto& [format, decoder] : decoders) {
    for (const test::DamagedImage& whole : test::damaged_images(format, "odd-bitmaps")) {
      if (!whole.opens) continue;
      const test::DecodedImage image = test::decoded(*decoder, test::view_of(whole.file));
      if (!image.status.ok()) test::fail(__FILE__, __LINE__, whole.name);
    }
  }
}

// As Pillow 13 reads it: where a footer names no extension area, nothing says that there is no
// alpha.
TEST("a TGA file without an extension area has its alpha, whatever its pixels are") {
  constexpr std::size_t kAttributesType = 494;  // where it would be in an area at the file's start
  FileBytes file = {0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11, 0, 12, 0, 32, 8};
  for (int i = 0; i < 11 * 12; ++i) file.insert(file.end(), {1, 2, 3, 4});
  file[kAttributesType] = 0;
  file.insert(file.end(), 8, 0);
  const std::string signature = "TRUEVISION-XFILE.";
  file.insert(file.end(), signature.c_str(), signature.c_str() + signature.size() + 1);
  decode::TgaDecoder decoder;
  const test::DecodedImage image = test::decoded(decoder, test::view_of(file));
  CHECK(image.status.ok() && image.format == core::PixelFormat::kRgba);
  for (std::size_t i = 3; i < image.pixels.size(); i += 4) CHECK(image.pixels[i] == 4);
}

TEST("a bitmap of too many pixels is refused before it is decoded") {
  const std::string large = "P6 1000 1000 255 ";
  const FileBytes file(large.begin(), large.end());
  CHECK(prepared(file, 999'999).code == StatusCode::kTooManyPixels);
  CHECK(prepared(file, 1'000'000).code == StatusCode::kTruncatedImage);
}

TEST("a side that no image may have is refused whatever the number of pixels") {
  const std::string wide = "P4 1048577 1 ";
  CHECK(prepared(FileBytes(wide.begin(), wide.end()), INT64_MAX).code ==
        StatusCode::kUnsupportedFormat);
}

// Behind a header of 54 bytes, or of 1078 with a palette.
FileBytes bmp_of(int bits, int compression) {
  FileBytes file(bits == 8 ? 1078 : 54);
  const auto put = [&](std::size_t at, int number) {
    file[at] = static_cast<std::uint8_t>(number & 0xFF);
    file[at + 1] = static_cast<std::uint8_t>(number >> 8);
  };
  file[0] = 'B';
  file[1] = 'M';
  put(10, static_cast<int>(file.size()));
  put(14, 40);
  put(18, 9001);
  put(22, 9000);
  put(26, 1);
  put(28, bits);
  put(30, compression);
  return file;
}

// As Pillow 13: the byte of the colour space need not be there.
TEST("the header of a QOI file has thirteen bytes at least") {
  const FileBytes file = {'q', 'o', 'i', 'f', 0, 0, 0, 2, 0, 0, 0, 1, 4};
  decode::QoiHeader header;
  CHECK(decode::read_qoi_header(test::view_of(file), header).ok());
  CHECK(header.width == 2 && header.height == 1 && header.has_alpha);
  CHECK(decode::read_qoi_header({file.data(), 12}, header).code == StatusCode::kTruncatedImage);
}

TEST("a bitmap's file is read to its last pixel where it is longer than 64 MiB") {
  const test::TemporaryFolder folder;
  // its sides are not within the bytes by which its format is known
  const std::string header = "P6 # of zeros alone\n4800 4700 255\n";
  test::write(folder.path() / "large.ppm", header);
  std::filesystem::resize_file(folder.path() / "large.ppm",
                               header.size() + std::uintmax_t{3} * 4800 * 4700);
  const std::string path = (folder.path() / "large.ppm").u8string();
  CHECK(prepared({transform::FileSample{path, {}}, {}}).ok());
  const std::uint64_t last = header.size() + std::uint64_t{3} * 4800 * 4700 - 1;
  CHECK(prepared({transform::FileSample{path, {0, last}}, {}}).code == StatusCode::kTruncatedImage);
}

TEST("of a bitmap's file as much is read as its pixels can take, and 64 MiB at least") {
  constexpr std::uint64_t kLeast = std::uint64_t{64} << 20;
  constexpr std::uint64_t kPixels = std::uint64_t{9001} * 9000;
  const auto check = [](const decode::ImageDecoder& decoder, const FileBytes& file,
                        std::uint64_t bytes) {
    const core::Bytes start = test::view_of(file);
    CHECK(decoder.most_bytes(start, kPixels) == bytes);
    CHECK(decoder.most_bytes(start, kPixels - 1) == kLeast);
    CHECK(decoder.most_bytes({start.data, 8}, INT64_MAX) == kLeast);
  };
  // rows to a multiple of four bytes; a pair of bytes for each pixel
  check(decode::BmpDecoder(), bmp_of(24, 0), 54 + std::uint64_t{27004} * 8999 + 27003);
  check(decode::BmpDecoder(), bmp_of(8, 1), 1078 + 2 * kPixels);
  const std::string plain = "P3 9001 9000 255 ";
  check(decode::NetpbmDecoder(), FileBytes(plain.begin(), plain.end()),
        plain.size() + 16 * 3 * kPixels);
  check(decode::TgaDecoder(),
        {0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9001 & 0xFF, 9001 >> 8, 9000 & 0xFF, 9000 >> 8, 24, 0},
        2 * (18 + 3 * kPixels));
  // each pixel with its alpha
  check(decode::QoiDecoder(),
        {'q', 'o', 'i', 'f', 0, 0, 9001 >> 8, 9001 & 0xFF, 0, 0, 9000 >> 8, 9000 & 0xFF, 4, 0},
        14 + 5 * kPixels);
  const FileBytes small = {'q', 'o', 'i', 'f', 0, 0, 0, 2, 0, 0, 0, 1, 4, 0};
  CHECK(decode::QoiDecoder().most_bytes(test::view_of(small), INT64_MAX) == kLeast);
}

}  // namespace
