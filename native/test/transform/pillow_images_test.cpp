// Odd and damaged images of every format of ours, pixel for pixel as Pillow has them: in RGB, put on
// white, and turned (test/goldens/make_damaged.py and make_odd_*.py).

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "decode/jpeg/jpeg_library.h"
#include "decode/webp/webp_library.h"
#include "kernels/kernel_table.h"
#include "test/check.h"
#include "test/golden_lines.h"
#include "test/images.h"
#include "test/system_zlib.h"
#include "transform/image_worker.h"

namespace {

using namespace pixtok;
using core::StatusCode;
using test::DamagedImage;
using test::GoldenLine;

// As it is in a thread: one image after another.
transform::ImageWorker& worker() {
  static transform::ImageWorker shared = [] {
    std::string error;
    return transform::ImageWorker(
        kernels::chosen(),
        transform::JpegChoice{decode::JpegLibrary::open(test::jpeg_library(), error)},
        test::zlib_at(test::zlib_library(), error),
        decode::WebpLibrary::open(test::webp_library(), error));
  }();
  return shared;
}

enum class Shown { kStored, kOnWhite, kTurned };

struct Prepared {
  StatusCode code;
  std::string hash;
};

// In its own size, which Pillow says.
Prepared prepared(const DamagedImage& image, int width, int height, Shown shown) {
  transform::Plan plan;
  plan.geometry.resize = transform::ResizeMode::kNone;
  plan.geometry.width = plan.geometry.output_width = width;
  plan.geometry.height = plan.geometry.output_height = height;
  plan.type = kernels::ElementType::kUint8;
  plan.layout = kernels::Layout::kHwc;
  plan.white_ground = shown == Shown::kOnWhite;
  plan.exif_orientation = shown == Shown::kTurned;
  transform::Sample sample{
      transform::EncodedSample{image.file.data(), image.file.size(), nullptr}, {}};
  std::vector<std::uint8_t> row(plan.slot_bytes());
  const StatusCode code = worker().prepare(sample, plan, row.data()).code;
  return {code, test::sha256(row.data(), row.size())};
}

// Says how many were compared. What is declined is for another decoder.
int check_images(const std::string& format, const std::string& collection) {
  int compared = 0;
  for (const DamagedImage& image : test::damaged_images(format, collection)) {
    if (!image.opens) continue;
    const GoldenLine pillow(image.line);
    const auto check = [&](const std::string& where, Shown shown) {
      const Prepared ours = prepared(image, pillow.integer(where + "width"),
                                     pillow.integer(where + "height"), shown);
      if (ours.code == StatusCode::kDeclined) return;
      const std::string hash = pillow.text(shown == Shown::kOnWhite ? "white" : where + "rgb");
      if (ours.code != StatusCode::kOk || ours.hash != hash) {
        test::fail(__FILE__, __LINE__, image.name);
      }
      ++compared;
    };
    if (collection == "turned") {
      check("", Shown::kTurned);
      continue;
    }
    check("", Shown::kStored);
    if (pillow.has("white")) check("", Shown::kOnWhite);
    if (pillow.has("turned")) check("turned.", Shown::kTurned);
  }
  return compared;
}

bool has_webp() {
  std::string error;
  return decode::WebpLibrary::open(test::webp_library(), error) != nullptr;
}

bool has_zlib() {
  std::string error;
  return test::zlib_at(test::zlib_library(), error) != nullptr;
}

TEST("odd WebP images have Pillow's pixels") {
  if (!has_webp()) return;
  CHECK(check_images("webp", "odd-webps") > 700);
  CHECK(check_images("webp", "images") > 20);
}

TEST("odd BMP, Netpbm, TGA and QOI images have Pillow's pixels") {
  for (const char* format : {"bmp", "ppm", "tga", "qoi"}) {
    CHECK(check_images(format, "odd-bitmaps") > 200);
  }
}

TEST("odd GIF images have Pillow's pixels") {
  CHECK(check_images("gif", "odd-gifs") > 90);
  CHECK(check_images("gif", "images") > 30);
}

TEST("odd PNG images that are not declined have Pillow's pixels") {
  if (!has_zlib()) return;
  CHECK(check_images("png", "rearranged") > 30);
  CHECK(check_images("png", "images") > 0);
}

TEST("JPEG images in arithmetic coding have Pillow's pixels") {
  CHECK(check_images("arithmetic", "odd-jpegs") > 30);
}

TEST("images are turned by whatever Pillow turns them by") {
  if (has_zlib()) CHECK(check_images("png", "turned") > 20);
  if (has_webp()) CHECK(check_images("webp", "turned") > 20);
}

}  // namespace
