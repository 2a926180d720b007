#include "transform/geometry.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include "core/limits.h"

namespace pixtok::transform {

namespace {

using core::kMaxSide;
using core::Status;
using core::StatusCode;

struct Size {
  double width;
  double height;
};

// Python's int(a * b / c) with integers: an exact product, one rounded division, truncated.
double scaled(double a, double b, double c) { return std::trunc(a * b / c); }

// Python's round(): half to even, which is the default rounding direction.
double rounded(double value) { return std::nearbyint(value); }

Size from_edges(double width, double height, double new_short, double new_long) {
  return width <= height ? Size{new_short, new_long} : Size{new_long, new_short};
}

// torchvision.transforms.functional._compute_resized_output_size
Size torchvision_shortest_edge(double width, double height, int shortest, int longest) {
  double new_short = shortest;
  double new_long = scaled(shortest, std::max(width, height), std::min(width, height));
  if (longest > 0 && new_long > longest) {
    new_short = scaled(longest, new_short, new_long);
    new_long = longest;
  }
  return from_edges(width, height, new_short, new_long);
}

// transformers.image_transforms.get_size_with_aspect_ratio
Size aspect_ratio_size(double width, double height, int shortest, int longest) {
  const double short_side = std::min(width, height);
  const double long_side = std::max(width, height);
  double size = shortest;
  double raw = shortest;
  if (long_side / short_side * shortest > longest) {
    raw = longest * short_side / long_side;
    size = rounded(raw);
  }
  if (short_side == size) return {width, height};
  if (width < height) return {size, std::trunc(raw * height / width)};
  return {std::trunc(raw * width / height), size};
}

// transformers.image_utils.get_image_size_for_max_height_width
Size fit_within(double width, double height, int max_width, int max_height) {
  const double scale = std::min(max_height / height, max_width / width);
  return {std::trunc(width * scale), std::trunc(height * scale)};
}

Size resized(const Geometry& geometry, double width, double height) {
  switch (geometry.resize) {
    case ResizeMode::kNone:
      break;
    case ResizeMode::kFixed:
      return {static_cast<double>(geometry.width), static_cast<double>(geometry.height)};
    case ResizeMode::kShortestEdge:
      if (geometry.convention != Convention::kTorchvision && geometry.longest > 0) {
        return aspect_ratio_size(width, height, geometry.shortest, geometry.longest);
      }
      return torchvision_shortest_edge(width, height, geometry.shortest, geometry.longest);
    case ResizeMode::kLongestEdge:
      return from_edges(width, height,
                        scaled(geometry.longest, std::min(width, height), std::max(width, height)),
                        geometry.longest);
    case ResizeMode::kFitWithin:
      return fit_within(width, height, geometry.width, geometry.height);
  }
  return {width, height};
}

int crop_start(Convention convention, int size, int crop) {
  const double half = (size - crop) / 2.0;
  switch (convention) {
    case Convention::kHuggingFace:
      return static_cast<int>(std::floor(half));
    case Convention::kHuggingFaceTorchvision:
      return static_cast<int>(half);
    case Convention::kTorchvision:
      break;
  }
  return static_cast<int>(size < crop ? std::ceil(half) : rounded(half));
}

// A side for people to read. One that is none comes of a box of less than a pixel.
std::string text(double side) {
  constexpr double kMaxShown = 1e15;
  if (!(side >= 0 && side <= kMaxShown)) return "?";
  return std::to_string(static_cast<std::int64_t>(side));
}

std::string text(double width, double height) { return text(width) + "x" + text(height); }

}  // namespace

Status place(const Geometry& geometry, int width, int height, Placement& placement) {
  const Size size = resized(geometry, width, height);
  if (!(size.width >= 1 && size.height >= 1 && size.width <= kMaxSide && size.height <= kMaxSide)) {
    return Status::failure(
        StatusCode::kDoesNotFit,
        "an image of " + text(width, height) + " would become " + text(size.width, size.height));
  }
  placement = {};
  placement.resized_width = static_cast<int>(size.width);
  placement.resized_height = static_cast<int>(size.height);
  placement.content_width = placement.resized_width;
  placement.content_height = placement.resized_height;
  if (geometry.center_crop) {
    placement.content_width = geometry.crop_width;
    placement.content_height = geometry.crop_height;
    placement.left = crop_start(geometry.convention, placement.resized_width, geometry.crop_width);
    placement.top = crop_start(geometry.convention, placement.resized_height, geometry.crop_height);
  }
  const bool fits = geometry.pad ? placement.content_width <= geometry.output_width &&
                                       placement.content_height <= geometry.output_height
                                 : placement.content_width == geometry.output_width &&
                                       placement.content_height == geometry.output_height;
  if (fits) return Status::success();
  return Status::failure(StatusCode::kDoesNotFit,
                         "an image of " + text(placement.content_width, placement.content_height) +
                             " does not fit the output of " +
                             text(geometry.output_width, geometry.output_height));
}

}  // namespace pixtok::transform
