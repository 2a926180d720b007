// Every kernel table against the scalar one, on random images, sizes and filters. (The scalar one
// is held against Pillow by the goldens, through the public interface.)

#include "transform/prepare_image.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "kernels/kernel_table.h"
#include "test/check.h"
#include "test/random_bytes.h"
#include "transform/normalizer.h"

namespace {

using namespace pixtok;

struct Case {
  core::PixelView pixels;
  transform::Plan plan;
  transform::Region region;
  std::vector<std::uint8_t> data;  // ends with the pixels, unless these are planes
};

// Planes of random bytes, with what PixelView says is readable around their rows.
void make_planes(std::mt19937_64& random, Case& test) {
  core::PixelView& pixels = test.pixels;
  const bool half_width = core::has_half_width_chroma(pixels.format);
  const bool half_height = core::has_half_height_chroma(pixels.format);
  const std::size_t strides[] = {
      static_cast<std::size_t>(pixels.width),
      static_cast<std::size_t>(half_width ? (pixels.width + 1) / 2 : pixels.width)};
  const int rows[] = {pixels.height, half_height ? (pixels.height + 1) / 2 : pixels.height};
  const std::size_t bytes[] = {strides[0] * rows[0], strides[1] * rows[1]};
  test.data = test::random_bytes(random, 1 + bytes[0] + 2 * bytes[1] + core::kTailPadding);
  const std::uint8_t* at = test.data.data() + 1;
  for (int plane = 0; plane < 3; ++plane) {
    const int kind = plane == 0 ? 0 : 1;
    pixels.planes[plane] = {at, strides[kind]};
    at += bytes[kind];
  }
}

int random_side(std::mt19937_64& random) {
  switch (random() % 4) {
    case 0:
      return 1 + static_cast<int>(random() % 8);
    case 1:
      return 1 + static_cast<int>(random() % 64);
    default:
      return 1 + static_cast<int>(random() % 600);
  }
}

transform::NormalizerOptions imagenet() {
  transform::NormalizerOptions options;
  options.mean = {0.485, 0.456, 0.406};
  options.std = {0.229, 0.224, 0.225};
  return options;
}

void random_geometry(std::mt19937_64& random, Case& test) {
  transform::Geometry& geometry = test.plan.geometry;
  geometry.width = random() % 6 == 0 ? test.pixels.width : random_side(random);
  geometry.height = random() % 6 == 0 ? test.pixels.height : random_side(random);
  geometry.output_width = geometry.width;
  geometry.output_height = geometry.height;
  if (random() % 3 == 0) {
    geometry.center_crop = true;
    geometry.output_width = geometry.crop_width = random_side(random);
    geometry.output_height = geometry.crop_height = random_side(random);
  }
  if (random() % 8 == 0) {
    geometry.pad = true;
    geometry.output_width += static_cast<int>(random() % 40);
    geometry.output_height += static_cast<int>(random() % 40);
  }
  if (random() % 4 == 0) {
    transform::Window& window = test.region.window.emplace();
    const auto start = [&random](int resized, int output) {
      return static_cast<int>(random() % (resized + output + 2)) - output - 1;
    };
    window.left = start(geometry.width, geometry.output_width);
    window.top = start(geometry.height, geometry.output_height);
    window.fill = {10, 20, 30};
  }
  test.region.flip = random() % 3 == 0;
  if (random() % 3 == 0) {
    transform::PixelRect& crop = test.region.crop;
    crop.left = static_cast<int>(random() % test.pixels.width);
    crop.top = static_cast<int>(random() % test.pixels.height);
    crop.width = 1 + static_cast<int>(random() % (test.pixels.width - crop.left));
    crop.height = 1 + static_cast<int>(random() % (test.pixels.height - crop.top));
  } else if (random() % 3 == 0) {
    const auto fraction = [&random] { return static_cast<float>(random() % 1000) / 2500.0F; };
    const float width = static_cast<float>(test.pixels.width);
    const float height = static_cast<float>(test.pixels.height);
    test.region.left = fraction() * width;
    test.region.top = fraction() * height;
    test.region.right = width - fraction() * width;
    test.region.bottom = height - fraction() * height;
  }
}

Case random_case(std::mt19937_64& random) {
  Case test;
  test.pixels.width = random_side(random);
  test.pixels.height = random() % 16 == 0 ? 101 * test.pixels.width : random_side(random);
  constexpr int kFormats = static_cast<int>(core::PixelFormat::kYcc420) + 1;
  if (random() % 2 == 0) test.pixels.format = static_cast<core::PixelFormat>(random() % kFormats);
  if (core::is_planar(test.pixels.format)) {
    make_planes(random, test);
  } else {
    test.data = test::random_bytes(random, static_cast<std::size_t>(test.pixels.width) *
                                               test.pixels.height *
                                               core::bytes_per_pixel(test.pixels.format));
    test.pixels.data = test.data.data();
  }
  random_geometry(random, test);
  test.plan.filter = static_cast<transform::Filter>(random() % 6);
  test.plan.resampler = static_cast<transform::Resampler>(random() % 3);
  if (!transform::has_filter(test.plan.resampler, test.plan.filter)) {
    test.plan.filter = transform::Filter::kBilinear;
  }
  test.plan.type = static_cast<kernels::ElementType>(random() % 3);
  test.plan.layout = static_cast<kernels::Layout>(random() % 2);
  return test;
}

std::string description(const Case& test) {
  return std::to_string(test.pixels.width) + "x" + std::to_string(test.pixels.height) + "x" +
         std::to_string(static_cast<int>(test.pixels.format)) + " to " +
         std::to_string(test.plan.geometry.width) + "x" +
         std::to_string(test.plan.geometry.height) + ", filter " +
         std::to_string(static_cast<int>(test.plan.filter)) + ", type " +
         std::to_string(static_cast<int>(test.plan.type)) + ", layout " +
         std::to_string(static_cast<int>(test.plan.layout));
}

std::vector<std::uint8_t> prepared(const Case& test, const kernels::KernelTable& kernels,
                                   transform::PrepareScratch& scratch) {
  // Guard bytes show a write past the slot.
  constexpr std::size_t kGuard = 64;
  constexpr std::uint8_t kGuardByte = 0xA5;
  transform::Plan plan = test.plan;
  plan.normalizer = transform::build_normalizer(imagenet(), kernels);
  const std::size_t bytes = plan.slot_bytes();
  core::ScratchBuffer slot;
  std::memset(slot.reserve(bytes + kGuard), kGuardByte, bytes + kGuard);
  CHECK(
      transform::prepare_image(test.pixels, test.region, plan, kernels, scratch, slot.data()).ok());
  for (std::size_t i = 0; i < kGuard; ++i) CHECK(slot.data()[bytes + i] == kGuardByte);
  return std::vector<std::uint8_t>(slot.data(), slot.data() + bytes);
}

TEST("every kernel table gives the scalar table's bytes") {
  std::mt19937_64 random(test::seed());
  const std::vector<const kernels::KernelTable*> tables = kernels::supported_tables();
  transform::PrepareScratch scratch;  // shared by all cases, as a thread's is
  for (int i = 0; i < test::random_cases(); ++i) {
    const Case test = random_case(random);
    const std::vector<std::uint8_t> expected = prepared(test, *tables.front(), scratch);
    for (const kernels::KernelTable* table : tables) {
      if (prepared(test, *table, scratch) != expected) {
        test::fail(__FILE__, __LINE__, std::string(table->name) + ": " + description(test));
      }
    }
  }
}

TEST("planes of the wanted size are stored where they are as they are row by row") {
  std::mt19937_64 random(test::seed());
  transform::PrepareScratch scratch;
  for (int i = 0; i < test::random_cases(); ++i) {
    Case test = random_case(random);
    test.pixels.format = core::PixelFormat::kPlanarRgb;
    make_planes(random, test);
    if (random() % 4 != 0) {
      transform::Geometry& geometry = test.plan.geometry;
      geometry.width = test.pixels.width;
      geometry.height = test.pixels.height;
      geometry.output_width = geometry.center_crop ? geometry.crop_width : geometry.width;
      geometry.output_height = geometry.center_crop ? geometry.crop_height : geometry.height;
      geometry.pad = false;
      test.region.crop = {};
    }
    for (const kernels::KernelTable* table : kernels::supported_tables()) {
      test.pixels.padded = false;
      const std::vector<std::uint8_t> expected = prepared(test, *table, scratch);
      test.pixels.padded = true;
      if (prepared(test, *table, scratch) != expected) {
        test::fail(__FILE__, __LINE__, std::string(table->name) + ": " + description(test));
      }
    }
  }
}

TEST("taps never leave the part of the source that is read") {
  std::mt19937_64 random(test::seed());
  std::vector<double> scratch;
  kernels::AxisTaps taps;
  for (int i = 0; i < test::random_cases(); ++i) {
    const int in = random_side(random);
    const int out = random_side(random);
    const auto filter = static_cast<transform::Filter>(1 + random() % 5);
    transform::build_axis_taps(transform::AxisResize::whole(in, out), filter,
                               transform::Resampler::kPillow13, scratch, taps);
    CHECK(taps.source_begin >= 0 && taps.source_begin % 2 == 0 && taps.source_end <= in);
    for (int x = 0; x < out; ++x) {
      CHECK(taps.first[x] >= 0 && taps.count[x] <= taps.taps);
      CHECK(taps.source_begin + taps.first[x] + taps.count[x] <= taps.source_end);
    }
  }
}

TEST("a box and a crop may reach the image's last pixel, and not beyond any of its sides") {
  std::vector<std::uint8_t> data(3 * 6 * 4, 9);
  const core::PixelView pixels{data.data(), 6, 4, core::PixelFormat::kRgb, false};
  transform::Plan plan;
  plan.geometry.width = plan.geometry.output_width = 2;
  plan.geometry.height = plan.geometry.output_height = 2;
  plan.type = kernels::ElementType::kUint8;
  transform::PrepareScratch scratch;
  std::vector<std::uint8_t> slot(plan.slot_bytes());
  const auto fits = [&](const transform::Region& region) {
    const core::Status status = transform::prepare_image(
        pixels, region, plan, *kernels::supported_tables().front(), scratch, slot.data());
    CHECK(status.ok() || status.code == core::StatusCode::kDoesNotFit);
    return status.ok();
  };
  const auto box = [&](float left, float top, float right, float bottom) {
    transform::Region region;
    region.left = left;
    region.top = top;
    region.right = right;
    region.bottom = bottom;
    return fits(region);
  };
  CHECK(box(0, 0, 6, 4) && box(5, 3, 6, 4) && box(0.5F, 0.25F, 5.5F, 3.75F));
  CHECK(!box(-0.5F, 0, 6, 4) && !box(0, -0.5F, 6, 4));
  CHECK(!box(0, 0, 6.5F, 4) && !box(0, 0, 6, 4.5F));
  CHECK(!box(0, 2, 6, 2) && !box(0, 3, 6, 2));
  const auto crop = [&](int left, int top, int width, int height) {
    transform::Region region;
    region.crop = {left, top, width, height};
    return fits(region);
  };
  CHECK(crop(0, 0, 6, 4) && crop(5, 3, 1, 1));
  CHECK(!crop(-1, 0, 6, 4) && !crop(0, -1, 6, 4) && !crop(1, 0, 6, 4) && !crop(0, 1, 6, 4));
}

TEST("an unknown kernel name is refused") {
  CHECK(kernels::choose("sse9") == kernels::Choice::kUnknownName);
}

}  // namespace
