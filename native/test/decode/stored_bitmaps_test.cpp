// Files of formats that only decoders of our own read, and what Pillow says of them.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernels/kernel_table.h"
#include "test/check.h"
#include "test/images.h"
#include "transform/image_worker.h"
#include "transform/normalizer.h"

namespace {

using namespace pixtok;
using core::StatusCode;
using test::FileBytes;

core::Status prepared(const FileBytes& file, std::int64_t max_pixels) {
  static transform::ImageWorker worker(kernels::chosen(), std::nullopt,
                                       nullptr);  // as a thread's is
  transform::Plan plan;
  plan.geometry.width = plan.geometry.output_width = 4;
  plan.geometry.height = plan.geometry.output_height = 3;
  plan.type = kernels::ElementType::kUint8;
  plan.max_pixels = max_pixels;
  plan.normalizer = transform::build_normalizer({}, kernels::chosen());
  transform::Sample sample{transform::EncodedSample{file.data(), file.size(), nullptr}, {}};
  std::vector<std::uint8_t> row(plan.slot_bytes());
  return worker.prepare(sample, plan, row.data());
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

}  // namespace
