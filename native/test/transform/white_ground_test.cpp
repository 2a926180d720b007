#include "transform/white_ground.h"

#include <array>
#include <vector>

#include "test/check.h"

namespace {

using namespace pixtok;
using Bytes = std::vector<std::uint8_t>;

Bytes bytes_of(const core::PixelView& view, std::size_t count) {
  return Bytes(view.data, view.data + count);
}

// Expected values: Image.alpha_composite of Pillow 13, on white.
TEST("pixels with alpha are put on white as Pillow does it") {
  const Bytes rgba = {0, 100, 200, 0, 0, 100, 200, 1, 0, 100, 200, 128, 0, 100, 200, 255};
  transform::GroundScratch scratch;
  const core::PixelView view{rgba.data(), 2, 2, core::PixelFormat::kRgba, false};
  const core::PixelView white = transform::on_white(view, scratch);
  CHECK(white.format == core::PixelFormat::kRgb && white.width == 2 && white.height == 2);
  CHECK((bytes_of(white, 12) == Bytes{255, 255, 255, 254, 254, 255, 127, 177, 227, 0, 100, 200}));

  const Bytes grey = {0, 128, 77, 3};
  const core::PixelView levels{grey.data(), 1, 2, core::PixelFormat::kGreyAlpha, false};
  const core::PixelView on = transform::on_white(levels, scratch);
  CHECK(on.format == core::PixelFormat::kGrey);
  CHECK(white.padded && on.padded);
  CHECK((bytes_of(on, 2) == Bytes{127, 253}));
}

TEST("an image without alpha stays where it is") {
  const Bytes rgb = {1, 2, 3};
  transform::GroundScratch scratch;
  const core::PixelView view{rgb.data(), 1, 1, core::PixelFormat::kRgb, false};
  CHECK(transform::on_white(view, scratch).data == rgb.data());
}

TEST("of an image with a palette this is put on white, and the image stays") {
  core::Palette palette{};
  palette[5] = {0, 100, 200, 0};
  palette[6] = {0, 100, 200, 255};
  const Bytes indices = {5, 6};
  transform::GroundScratch scratch;
  core::PixelView view{indices.data(), 2, 1, core::PixelFormat::kIndexed, false};
  view.palette = &palette;
  const core::PixelView white = transform::on_white(view, scratch);
  CHECK(white.data == indices.data());
  CHECK(((*white.palette)[5] == std::array<std::uint8_t, 4>{255, 255, 255, 255}));
  CHECK((*white.palette)[6] == palette[6]);
  CHECK(palette[5][3] == 0);
}

}  // namespace
