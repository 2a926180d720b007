#pragma once

#include <optional>

#include "core/status.h"
#include "transform/region.h"

namespace pixtok::transform {

// torchvision's RandomResizedCrop.
struct RandomResizedCrop {
  double least_scale = 0.08;  // of the picture's area
  double most_scale = 1.0;
  double least_ratio = 3.0 / 4.0;  // width to height
  double most_ratio = 4.0 / 3.0;
};

// What is drawn for every picture.
struct Augmentation {
  std::optional<RandomResizedCrop> resized_crop;
  double flip_probability = 0.0;
};

// Writes what region.key gives for a picture of width x height pixels into `region`: the crop, all
// of the picture where none is drawn, and the flip. Random numbers are taken in the order in which
// torchvision's transforms take theirs. Fails with kDoesNotFit. Precondition: the picture has at
// least one pixel.
core::Status draw(const Augmentation& augmentation, int width, int height, Region& region);

}  // namespace pixtok::transform
