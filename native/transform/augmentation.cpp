#include "transform/augmentation.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "core/portable_math.h"
#include "core/random_stream.h"

namespace pixtok::transform {

namespace {

using core::RandomStream;
using core::Status;
using core::StatusCode;

// Python's round(): half to even, which is the default rounding direction.
double rounded(double value) { return std::nearbyint(value); }

std::string text(int width, int height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

Status does_not_fit(std::string message) {
  return Status::failure(StatusCode::kDoesNotFit, std::move(message));
}

double between(RandomStream& random, double least, double most) {
  return random.uniform() * (most - least) + least;
}

// The largest part in the middle that keeps to the ratios.
PixelRect central_crop(const RandomResizedCrop& options, int width, int height) {
  int crop_width = width;
  int crop_height = height;
  const double ratio = static_cast<double>(width) / height;
  if (ratio < options.least_ratio) {
    crop_height = static_cast<int>(rounded(width / options.least_ratio));
  } else if (ratio > options.most_ratio) {
    crop_width = static_cast<int>(rounded(height * options.most_ratio));
  }
  return {(width - crop_width) / 2, (height - crop_height) / 2, crop_width, crop_height};
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

// One axis of torchvision.transforms.RandomCrop: the padded image, from `start` on.
struct PaddedAxis {
  int start;
  int size;

  PaddedAxis(int before, int image, int after, int crop, bool pad_if_needed)
      : start(-before), size(before + image + after) {
    const int missing = pad_if_needed ? std::max(0, crop - size) : 0;
    start -= missing;
    size += 2 * missing;
  }
};

Status draw_window(const RandomCrop& options, const Geometry& geometry, int width, int height,
                   RandomStream& random, Region& region) {
  Placement placement;
  const Status placed = place(geometry, width, height, placement);
  if (!placed.ok()) return placed;
  const int crop_width = geometry.crop_width;
  const int crop_height = geometry.crop_height;
  const PaddedAxis columns(options.padding_left, placement.resized_width, options.padding_right,
                           crop_width, options.pad_if_needed);
  const PaddedAxis rows(options.padding_top, placement.resized_height, options.padding_bottom,
                        crop_height, options.pad_if_needed);
  if (columns.size < crop_width || rows.size < crop_height) {
    return does_not_fit("an image of " + text(columns.size, rows.size) +
                        ", padding included, is smaller than the random crop of " +
                        text(crop_width, crop_height) + "; padIfNeeded would pad it");
  }
  region.window = {columns.start, rows.start, options.fill};
  // get_params
  if (columns.size == crop_width && rows.size == crop_height) return Status::success();
  region.window->top += random.below(rows.size - crop_height + 1);
  region.window->left += random.below(columns.size - crop_width + 1);
  return Status::success();
}

}  // namespace

Status draw(const Augmentation& augmentation, const Geometry& geometry, int width, int height,
            Region& region) {
  RandomStream random(region.key);
  region.crop = {0, 0, width, height};
  if (augmentation.resized_crop) {
    region.crop = random_resized_crop(*augmentation.resized_crop, width, height, random);
    if (region.crop.empty()) {
      return does_not_fit("an image of " + text(width, height) +
                          " has no part of a possible ratio");
    }
  }
  if (augmentation.crop) {
    const Status status = draw_window(*augmentation.crop, geometry, width, height, random, region);
    if (!status.ok()) return status;
  }
  region.flip = random.uniform() < augmentation.flip_probability;
  region.operations.clear();
  if (augmentation.operations.empty()) return Status::success();
  Placement placement;
  const Status placed = place(geometry, region.crop.width, region.crop.height, placement);
  if (!placed.ok()) return placed;
  draw_operations(augmentation.operations, {placement.content_width, placement.content_height},
                  {geometry.output_width, geometry.output_height}, random, region.operations);
  return Status::success();
}

PixelRect shown_part(const Region& region, const Geometry& geometry) {
  if (!region.window) return region.crop;
  return {region.window->left, region.window->top, geometry.crop_width, geometry.crop_height};
}

}  // namespace pixtok::transform
