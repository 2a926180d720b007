// Images of every format as Pillow's convert("RGB") has them, of memory that ends with them.

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "kernels/kernel_table.h"
#include "test/check.h"
#include "test/guarded_bytes.h"
#include "test/random_bytes.h"
#include "transform/prepare_image.h"

namespace {

using namespace pixtok;
using core::PixelFormat;
using Rgb = std::array<std::uint8_t, 3>;

std::vector<std::uint8_t> as_rgb(const core::PixelView& pixels, transform::Geometry geometry,
                                 transform::Filter filter, const kernels::KernelTable& kernels) {
  transform::Plan plan;
  plan.geometry = geometry;
  plan.filter = filter;
  plan.type = kernels::ElementType::kUint8;
  plan.layout = kernels::Layout::kHwc;
  std::vector<std::uint8_t> slot(plan.slot_bytes());
  transform::PrepareScratch scratch;
  CHECK(transform::prepare_image(pixels, {}, plan, kernels, scratch, slot.data()).ok());
  return slot;
}

transform::Geometry fixed(int width, int height) {
  transform::Geometry geometry;
  geometry.width = geometry.output_width = width;
  geometry.height = geometry.output_height = height;
  return geometry;
}

// Pillow 12.3: Image.frombytes(mode, (1, 1), pixel).convert("RGB").getpixel((0, 0)); of 16-bit grey
// convert("L").
TEST("pixels of each format become the RGB of Pillow") {
  struct Conversion {
    PixelFormat format;
    std::vector<std::uint8_t> pixel;
    Rgb expected;
  };
  const std::vector<Conversion> conversions = {
      {PixelFormat::kGrey, {77}, {77, 77, 77}},
      {PixelFormat::kGreyAlpha, {77, 3}, {77, 77, 77}},
      {PixelFormat::kRgb, {1, 2, 3}, {1, 2, 3}},
      {PixelFormat::kRgba, {1, 2, 3, 4}, {1, 2, 3}},
      {PixelFormat::kCmyk, {0, 0, 0, 0}, {255, 255, 255}},
      {PixelFormat::kCmyk, {255, 255, 255, 255}, {0, 0, 0}},
      {PixelFormat::kCmyk, {10, 20, 30, 40}, {207, 198, 190}},
      {PixelFormat::kCmyk, {128, 64, 200, 0}, {127, 191, 55}},
      {PixelFormat::kCmyk, {255, 0, 128, 200}, {0, 55, 27}},
      {PixelFormat::kCmyk, {1, 254, 127, 128}, {127, 0, 64}},
      {PixelFormat::kCmyk, {100, 100, 100, 100}, {94, 94, 94}},
      {PixelFormat::kCmyk, {3, 250, 90, 17}, {235, 5, 154}},
      {PixelFormat::kGrey16, {255, 0}, {255, 255, 255}},
      {PixelFormat::kGrey16, {254, 0}, {254, 254, 254}},
      {PixelFormat::kGrey16, {0, 1}, {255, 255, 255}},
  };
  for (const Conversion& conversion : conversions) {
    const test::GuardedBytes bytes(conversion.pixel);
    core::PixelView pixels{bytes.data(), 1, 1, conversion.format, false};
    const std::vector<std::uint8_t> expected(conversion.expected.begin(),
                                             conversion.expected.end());
    for (const kernels::KernelTable* table : kernels::supported_tables()) {
      CHECK(as_rgb(pixels, fixed(1, 1), transform::Filter::kBilinear, *table) == expected);
    }
    if (conversion.format != PixelFormat::kCmyk) continue;
    std::vector<std::uint8_t> inverted = conversion.pixel;
    for (std::uint8_t& ink : inverted) ink = static_cast<std::uint8_t>(255 - ink);
    pixels.data = inverted.data();
    pixels.format = PixelFormat::kInvertedCmyk;
    CHECK(as_rgb(pixels, fixed(1, 1), transform::Filter::kBilinear,
                 *kernels::supported_tables().front()) == expected);
  }
}

TEST("blue comes first where it is to, in either layout") {
  const test::GuardedBytes bytes({1, 2, 3, 4, 5, 6});
  const core::PixelView pixels{bytes.data(), 2, 1, PixelFormat::kRgb, false};
  transform::Plan plan;
  plan.geometry = fixed(2, 1);
  plan.type = kernels::ElementType::kUint8;
  plan.blue_first = true;
  transform::PrepareScratch scratch;
  std::vector<std::uint8_t> slot(6);
  const auto stored = [&](kernels::Layout layout) {
    plan.layout = layout;
    const kernels::KernelTable& kernels = *kernels::supported_tables().front();
    CHECK(transform::prepare_image(pixels, {}, plan, kernels, scratch, slot.data()).ok());
    return slot;
  };
  CHECK((stored(kernels::Layout::kChw) == std::vector<std::uint8_t>{3, 6, 2, 5, 1, 4}));
  CHECK((stored(kernels::Layout::kHwc) == std::vector<std::uint8_t>{3, 2, 1, 6, 5, 4}));
}

TEST("nothing is read behind the last pixel of an image that is not padded") {
  std::mt19937_64 random(test::seed());
  for (int width = 1; width <= 70; ++width) {
    for (const PixelFormat format :
         {PixelFormat::kGrey, PixelFormat::kGreyAlpha, PixelFormat::kRgb, PixelFormat::kRgba,
          PixelFormat::kCmyk, PixelFormat::kInvertedCmyk, PixelFormat::kGrey16,
          PixelFormat::kPlanarRgb}) {
      constexpr int kHeight = 3;
      const std::size_t size = core::bytes_of_pixels(format, width, kHeight);
      const std::vector<std::uint8_t> copy = test::random_bytes(random, size);
      const test::GuardedBytes bytes(copy);
      const core::PixelView pixels =
          core::pixels_in({bytes.data(), size}, 0, format, width, kHeight);
      for (const kernels::KernelTable* table : kernels::supported_tables()) {
        (void)as_rgb(pixels, fixed(5, 2), transform::Filter::kNearest, *table);
        (void)as_rgb(pixels, fixed(5, 2), transform::Filter::kBilinear, *table);
        const auto same =
            as_rgb(pixels, fixed(width, kHeight), transform::Filter::kBilinear, *table);
        if (format == PixelFormat::kRgb) CHECK(same == copy);
      }
    }
  }
}

TEST("nothing is read further behind the rows of planes than their padding") {
  std::mt19937_64 random(test::seed());
  for (int width = 1; width <= 70; ++width) {
    for (const PixelFormat format :
         {PixelFormat::kPlanarRgb, PixelFormat::kYcc444, PixelFormat::kYcc422, PixelFormat::kYcc440,
          PixelFormat::kYcc420}) {
      constexpr int kHeight = 3;
      const int half = (width + 1) / 2;
      const bool half_width = core::has_half_width_chroma(format);
      const int rows = core::has_half_height_chroma(format) ? (kHeight + 1) / 2 : kHeight;
      const auto plane_of = [&random](int columns, int lines) {
        // one byte before the first row is readable as well
        return test::random_bytes(
            random, 1 + static_cast<std::size_t>(columns * lines) + core::kTailPadding);
      };
      const test::GuardedBytes luma(plane_of(width, kHeight));
      const test::GuardedBytes blue(plane_of(half_width ? half : width, rows));
      const test::GuardedBytes red(plane_of(half_width ? half : width, rows));
      core::PixelView pixels{nullptr, width, kHeight, format, true};
      const auto stride = static_cast<std::size_t>(half_width ? half : width);
      pixels.planes[0] = {luma.data() + 1, static_cast<std::size_t>(width)};
      pixels.planes[1] = {blue.data() + 1, stride};
      pixels.planes[2] = {red.data() + 1, stride};
      const kernels::KernelTable& scalar = *kernels::supported_tables().front();
      for (const transform::Geometry& geometry : {fixed(5, 2), fixed(width, kHeight)}) {
        const auto expected = as_rgb(pixels, geometry, transform::Filter::kBilinear, scalar);
        for (const kernels::KernelTable* table : kernels::supported_tables()) {
          CHECK(as_rgb(pixels, geometry, transform::Filter::kBilinear, *table) == expected);
        }
      }
    }
  }
}

// torchvision's crop and pad of an image that keeps its size, by their definition.
TEST("what a window shows beyond the image is its fill, and a flip turns all of it") {
  std::mt19937_64 random(test::seed());
  const auto below = [&random](int most) {
    return static_cast<int>(random() % static_cast<unsigned>(most));
  };
  transform::PrepareScratch scratch;
  for (int i = 0; i < 10 * test::random_cases(); ++i) {
    const int width = 1 + below(12);
    const int height = 1 + below(12);
    const std::vector<std::uint8_t> data =
        test::random_bytes(random, static_cast<std::size_t>(3 * width * height));
    const core::PixelView pixels{data.data(), width, height, PixelFormat::kRgb, false};
    transform::Plan plan;
    plan.geometry.resize = transform::ResizeMode::kNone;
    plan.geometry.center_crop = true;
    plan.geometry.crop_width = 1 + below(12);
    plan.geometry.crop_height = 1 + below(12);
    plan.geometry.pad = i % 2 == 0;
    plan.geometry.output_width = plan.geometry.crop_width + (plan.geometry.pad ? below(4) : 0);
    plan.geometry.output_height = plan.geometry.crop_height + (plan.geometry.pad ? below(4) : 0);
    plan.type = kernels::ElementType::kUint8;
    plan.layout = kernels::Layout::kHwc;
    transform::Region region;
    region.window = {below(30) - 15, below(30) - 15, {10, 20, 30}};
    region.flip = i % 3 == 0;
    std::vector<std::uint8_t> slot(plan.slot_bytes(), 0xA5);
    const auto& table = *kernels::supported_tables().back();
    CHECK(transform::prepare_image(pixels, region, plan, table, scratch, slot.data()).ok());
    std::size_t wrong = 0;
    for (int y = 0; y < plan.geometry.output_height; ++y) {
      for (int x = 0; x < plan.geometry.output_width; ++x) {
        const bool shown = x < plan.geometry.crop_width && y < plan.geometry.crop_height;
        const int from_x =
            region.window->left + (region.flip ? plan.geometry.crop_width - 1 - x : x);
        const int from_y = region.window->top + y;
        const bool inside = from_x >= 0 && from_x < width && from_y >= 0 && from_y < height;
        for (int c = 0; c < 3; ++c) {
          const auto channel = static_cast<std::size_t>(c);
          const int expected =
              !shown   ? 0
              : inside ? data[static_cast<std::size_t>(3 * (from_y * width + from_x) + c)]
                       : region.window->fill[channel];
          const auto at = static_cast<std::size_t>(3 * (y * plan.geometry.output_width + x) + c);
          if (slot[at] != expected) ++wrong;
        }
      }
    }
    CHECK(wrong == 0);
  }
}

// Planes of the wanted size are stored without a copy; the output may have room beside them.
TEST("planes that are padded on the right and below are stored with zeros there") {
  constexpr int kSide = 5;
  std::vector<std::uint8_t> memory(3 * kSide * kSide + core::kTailPadding);
  for (std::size_t i = 0; i < memory.size(); ++i) memory[i] = static_cast<std::uint8_t>(i + 1);
  core::PixelView pixels{nullptr, kSide, kSide, PixelFormat::kPlanarRgb, true};
  for (std::size_t i = 0; i < 3; ++i) pixels.planes[i] = {memory.data() + 25 * i, kSide};
  for (const int extra : {0, 1, 3}) {
    transform::Geometry geometry = fixed(kSide, kSide);
    geometry.pad = true;
    geometry.output_width += extra;
    geometry.output_height += 2;
    const auto stored =
        as_rgb(pixels, geometry, transform::Filter::kBilinear, *kernels::supported_tables().back());
    for (int y = 0; y < kSide + 2; ++y) {
      for (int x = 0; x < kSide + extra; ++x) {
        for (int c = 0; c < 3; ++c) {
          const int expected = x < kSide && y < kSide ? 25 * c + kSide * y + x + 1 : 0;
          CHECK(stored[static_cast<std::size_t>(3 * (y * (kSide + extra) + x) + c)] == expected);
        }
      }
    }
  }
}

}  // namespace
