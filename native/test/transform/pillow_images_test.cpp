// Odd and damaged images of every format of ours, pixel for pixel as Pillow has them: in RGB, put
// on white, and turned (test/goldens/make_damaged.py and make_odd_*.py).

#include <string>

#include "decode/webp/webp_library.h"
#include "test/check.h"
#include "test/golden_lines.h"
#include "test/images.h"
#include "test/system_zlib.h"
#include "test/transform/golden_images.h"

namespace {

using namespace pixtok;
using core::StatusCode;
using test::DamagedImage;
using test::GoldenLine;

enum class Shown { kStored, kOnWhite, kTurned };

// In its own size, which Pillow says.
test::FileOutcome prepared(const DamagedImage& image, int width, int height, Shown shown) {
  static test::GoldenWorker worker;  // as a thread's: one image after another
  transform::Plan plan = test::plan_to(width, height);
  plan.geometry.resize = transform::ResizeMode::kNone;
  plan.white_ground = shown == Shown::kOnWhite;
  plan.exif_orientation = shown == Shown::kTurned;
  return worker.prepared_file(image.file, plan);
}

// Says how many were compared. What is declined is for another decoder.
int check_images(const std::string& format, const std::string& collection) {
  int compared = 0;
  for (const DamagedImage& image : test::damaged_images(format, collection)) {
    if (!image.opens) continue;
    const GoldenLine pillow(image.line);
    const auto check = [&](const std::string& where, Shown shown) {
      const test::FileOutcome ours =
          prepared(image, pillow.integer(where + "width"), pillow.integer(where + "height"), shown);
      if (ours.code == StatusCode::kDeclined) return;
      const std::string hash = pillow.text(shown == Shown::kOnWhite ? "white" : where + "rgb");
      if (ours.code != StatusCode::kOk ||
          test::sha256(ours.slot.data(), ours.slot.size()) != hash) {
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
  if (!test::has_library_of_goldens()) return;
  CHECK(check_images("arithmetic", "odd-jpegs") > 30);
}

TEST("images are turned by whatever Pillow turns them by") {
  if (has_zlib()) CHECK(check_images("png", "turned") > 20);
  if (has_webp()) CHECK(check_images("webp", "turned") > 20);
}

}  // namespace
