// Sizes and places as torchvision's transforms and Hugging Face's image processors have them.

#include "transform/geometry.h"

#include <utility>

#include "test/check.h"

namespace {

using namespace pixtok;
using transform::Convention;
using transform::Geometry;
using transform::Placement;
using transform::ResizeMode;

Geometry shortest_edge(Convention convention, int shortest, int crop) {
  Geometry geometry;
  geometry.convention = convention;
  geometry.resize = ResizeMode::kShortestEdge;
  geometry.shortest = shortest;
  geometry.center_crop = true;
  geometry.crop_width = geometry.crop_height = crop;
  geometry.output_width = geometry.output_height = crop;
  return geometry;
}

Placement placed(const Geometry& geometry, int width, int height) {
  Placement placement;
  CHECK(transform::place(geometry, width, height, placement).ok());
  return placement;
}

TEST("the long side of an image is cut off, not rounded") {
  // int(256 * 501 / 375) = 342
  for (const Convention convention : {Convention::kTorchvision, Convention::kHuggingFace}) {
    const Placement wide = placed(shortest_edge(convention, 256, 224), 501, 375);
    CHECK(wide.resized_width == 342 && wide.resized_height == 256);
    const Placement high = placed(shortest_edge(convention, 256, 224), 375, 501);
    CHECK(high.resized_width == 256 && high.resized_height == 342);
  }
}

TEST("the middle starts at half an odd rest, to even or below") {
  // torchvision: round((343 - 224) / 2) = round(59.5) = 60; Hugging Face: (343 - 224) // 2 = 59
  Geometry geometry = shortest_edge(Convention::kTorchvision, 256, 224);
  geometry.resize = ResizeMode::kNone;
  CHECK(placed(geometry, 343, 224).left == 60);
  CHECK(placed(geometry, 341, 224).left == 58);  // 58.5
  geometry.convention = Convention::kHuggingFace;
  CHECK(placed(geometry, 343, 224).left == 59);
  CHECK(placed(geometry, 341, 224).left == 58);
}

TEST("what the output has no room for does not fit") {
  Geometry geometry;
  geometry.resize = ResizeMode::kNone;
  geometry.pad = true;
  geometry.output_width = 100;
  geometry.output_height = 50;
  Placement placement;
  CHECK(transform::place(geometry, 100, 50, placement).ok());
  CHECK(transform::place(geometry, 101, 50, placement).code == core::StatusCode::kDoesNotFit);
  CHECK(transform::place(geometry, 100, 51, placement).code == core::StatusCode::kDoesNotFit);
}

TEST("a part of less than a pixel does not fit, whatever it would become") {
  Placement placement;
  const Geometry geometry = shortest_edge(Convention::kHuggingFace, 256, 224);
  for (const auto& [width, height] : {std::pair{0, 0}, std::pair{0, 5}, std::pair{5, 0}}) {
    CHECK(transform::place(geometry, width, height, placement).code ==
          core::StatusCode::kDoesNotFit);
  }
}

}  // namespace
