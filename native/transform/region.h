#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/random_stream.h"
#include "transform/operations/operation.h"

namespace pixtok::transform {

struct Views;

// A part of an image, in its pixels.
struct PixelRect {
  int left = 0;
  int top = 0;
  int width = 0;
  int height = 0;

  bool empty() const { return width <= 0 || height <= 0; }
  bool is_inside(int outer_width, int outer_height) const {
    return left >= 0 && top >= 0 && width <= outer_width - left && height <= outer_height - top;
  }
};

// Where an image's content starts in the resized image; what of it lies outside is `fill`.
struct Window {
  int left = 0;
  int top = 0;
  std::array<std::uint8_t, 3> fill{};  // red, green and blue before normalization
};

// What is done to one image beside the plan.
struct Region {
  // Cut out before everything else, as torchvision's `crop`: what is around it is never seen.
  // Empty: nothing is cut off.
  PixelRect crop;
  // Part of what is left that is resized, as the `box` of Pillow's Image.resize: the filter sees
  // what is around it. Empty: all of it.
  float left = 0.0F;
  float top = 0.0F;
  float right = 0.0F;
  float bottom = 0.0F;
  std::optional<Window> window;        // instead of the plan's place
  bool flip = false;                   // left to right, after what is above
  std::vector<Operation> operations;   // in this order, after the flip
  core::RandomKey key;                 // for a plan with augmentation, which draws all but the box
  std::shared_ptr<const Views> views;  // for a plan for views, which looks at nothing else here

  bool has_box() const { return right > left; }
  bool is_whole() const { return crop.empty() && !has_box(); }
};

}  // namespace pixtok::transform
