#include "transform/orient.h"

#include <cstdint>
#include <vector>

#include "test/check.h"

namespace {

using namespace pixtok;
using core::PixelFormat;

constexpr int kWidth = 5;
constexpr int kHeight = 3;

// Where EXIF 2.3 says that the pixel at (x, y) of the upright image is stored.
std::size_t stored_at(int orientation, int x, int y) {
  const int right = kWidth - 1;
  const int bottom = kHeight - 1;
  const int places[9][2] = {
      {},     {x, y},          {right - x, y},          {right - x, bottom - y}, {x, bottom - y},
      {y, x}, {y, bottom - x}, {right - y, bottom - x}, {right - y, x}};
  const int* place = places[orientation];
  return static_cast<std::size_t>(place[1] * kWidth + place[0]);
}

TEST("an image of any format is turned as each orientation says") {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const PixelFormat format :
         {PixelFormat::kGrey, PixelFormat::kGreyAlpha, PixelFormat::kRgb, PixelFormat::kRgba,
          PixelFormat::kCmyk, PixelFormat::kGrey16}) {
      const auto bytes = static_cast<std::size_t>(core::bytes_per_pixel(format));
      std::vector<std::uint8_t> pixels(bytes * kWidth * kHeight);  // no byte behind the last pixel
      for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i);
      core::ScratchBuffer scratch;
      const core::PixelView view{pixels.data(), kWidth, kHeight, format, false};
      const core::PixelView turned = transform::orient(view, orientation, scratch);
      CHECK(turned.padded);
      CHECK(turned.width == (orientation < 5 ? kWidth : kHeight));
      CHECK(turned.height == (orientation < 5 ? kHeight : kWidth));
      for (int y = 0; y < turned.height; ++y) {
        for (int x = 0; x < turned.width; ++x) {
          const auto at = static_cast<std::size_t>(y * turned.width + x);
          const std::size_t from = stored_at(orientation, x, y);
          for (std::size_t i = 0; i < bytes; ++i) {
            CHECK(turned.data[at * bytes + i] == pixels[from * bytes + i]);
          }
        }
      }
    }
  }
}

TEST("an image with a palette keeps it when it is turned") {
  const std::uint8_t indices[] = {7, 8};
  const core::Palette palette{};
  core::PixelView view{indices, 2, 1, PixelFormat::kIndexed, false};
  view.palette = &palette;
  core::ScratchBuffer scratch;
  const core::PixelView turned = transform::orient(view, 6, scratch);
  CHECK(turned.palette == &palette && turned.data[0] == 7 && turned.data[1] == 8);
}

TEST("planes are turned like pixels") {
  constexpr std::size_t kStride = kWidth + 2;
  constexpr std::size_t kPlane = kStride * kHeight;
  std::vector<std::uint8_t> memory(3 * kPlane + core::kTailPadding);
  for (std::size_t i = 0; i < memory.size(); ++i) memory[i] = static_cast<std::uint8_t>(3 * i);
  core::PixelView view{nullptr, kWidth, kHeight, PixelFormat::kPlanarRgb, true};
  for (std::size_t i = 0; i < 3; ++i) view.planes[i] = {memory.data() + i * kPlane, kStride};
  for (int orientation = 2; orientation <= 8; ++orientation) {
    core::ScratchBuffer scratch;
    const core::PixelView turned = transform::orient(view, orientation, scratch);
    for (std::size_t plane = 0; plane < 3; ++plane) {
      for (int y = 0; y < turned.height; ++y) {
        for (int x = 0; x < turned.width; ++x) {
          const std::size_t from = stored_at(orientation, x, y);
          const auto at = static_cast<std::size_t>(y) * turned.planes[plane].stride;
          CHECK(turned.planes[plane].data[at + static_cast<std::size_t>(x)] ==
                view.planes[plane].data[from / kWidth * kStride + from % kWidth]);
        }
      }
    }
  }
}

}  // namespace
