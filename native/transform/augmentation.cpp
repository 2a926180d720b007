#include "transform/augmentation.h"

#include <cmath>
#include <string>

#include "core/portable_math.h"
#include "core/random_stream.h"

namespace pixtok::transform {

namespace {

using core::RandomStream;
using core::Status;
using core::StatusCode;

// Python's round(): half to even, which is the default rounding direction.
double rounded(double value) { return std::nearbyint(value); }

double between(RandomStream& random, double least, double most) {
  return random.uniform() * (most - least) + least;
}

// The largest part in the middle that keeps to the ratios.
PixelRect central_crop(const RandomResizedCrop& options, int width, int height) {
  PixelRect crop{0, 0, width, height};
  const double ratio = static_cast<double>(width) / height;
  if (ratio < options.least_ratio) {
    crop.height = static_cast<int>(rounded(width / options.least_ratio));
  } else if (ratio > options.most_ratio) {
    crop.width = static_cast<int>(rounded(height * options.most_ratio));
  }
  crop.left = (width - crop.width) / 2;
  crop.top = (height - crop.height) / 2;
  return crop;
}

// torchvision.transforms.RandomResizedCrop.get_params
PixelRect random_resized_crop(const RandomResizedCrop& options, int width, int height,
                              RandomStream& random) {
  constexpr int kAttempts = 10;
  const double area = static_cast<double>(width) * height;
  const double least_log = core::portable_log(options.least_ratio);
  const double most_log = core::portable_log(options.most_ratio);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const double target = area * between(random, options.least_scale, options.most_scale);
    const double ratio = core::portable_exp(between(random, least_log, most_log));
    const double crop_width = rounded(std::sqrt(target * ratio));
    const double crop_height = rounded(std::sqrt(target / ratio));
    if (crop_width > 0 && crop_width <= width && crop_height > 0 && crop_height <= height) {
      PixelRect crop{0, 0, static_cast<int>(crop_width), static_cast<int>(crop_height)};
      crop.top = random.below(height - crop.height + 1);
      crop.left = random.below(width - crop.width + 1);
      return crop;
    }
  }
  return central_crop(options, width, height);
}

}  // namespace

Status draw(const Augmentation& augmentation, int width, int height, Region& region) {
  RandomStream random(region.key);
  region.crop = {0, 0, width, height};
  if (augmentation.resized_crop) {
    region.crop = random_resized_crop(*augmentation.resized_crop, width, height, random);
    if (region.crop.empty()) {
      return Status::failure(StatusCode::kDoesNotFit, "a picture of " + std::to_string(width) +
                                                          "x" + std::to_string(height) +
                                                          " has no part of a possible ratio");
    }
  }
  region.flip = random.uniform() < augmentation.flip_probability;
  return Status::success();
}

}  // namespace pixtok::transform
