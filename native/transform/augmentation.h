#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/status.h"
#include "transform/geometry.h"
#include "transform/operations/random_operations.h"
#include "transform/region.h"

namespace pixtok::transform {

// torchvision's RandomResizedCrop.
struct RandomResizedCrop {
  double least_scale = 0.08;  // of the image's area
  double most_scale = 1.0;
  double least_ratio = 3.0 / 4.0;  // width to height
  double most_ratio = 4.0 / 3.0;
};

// torchvision's RandomCrop, of the resized image; the size is the plan's centre crop.
struct RandomCrop {
  int padding_left = 0;
  int padding_top = 0;
  int padding_right = 0;
  int padding_bottom = 0;
  bool pad_if_needed = false;
  std::array<std::uint8_t, 3> fill{};
};

// What is drawn for every image.
struct Augmentation {
  std::optional<RandomResizedCrop> resized_crop;  // of the two, one at most
  std::optional<RandomCrop> crop;
  double flip_probability = 0.0;
  RandomOperations operations;
};

// Writes what region.key gives for an image of width x height pixels into `region`: the crop, all
// of the image where none is drawn, the window, the flip and operations. Random numbers are taken
// in the order in which torchvision's transforms take theirs. Fails with kDoesNotFit. Precondition:
// the image has at least one pixel; for a random crop, `geometry` has a centre crop.
core::Status draw(const Augmentation& augmentation, const Geometry& geometry, int width, int height,
                  Region& region);

// What an image shows of itself, or of the resized image where it has a window.
PixelRect shown_part(const Region& region, const Geometry& geometry);

}  // namespace pixtok::transform
