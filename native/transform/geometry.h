#pragma once

#include "core/status.h"

namespace pixtok::transform {

// Whose rounding: torchvision's transforms, or a Hugging Face image processor's, which has two
// backends: on Pillow and NumPy, and on torchvision.
enum class Convention { kTorchvision, kHuggingFace, kHuggingFaceTorchvision };

enum class ResizeMode {
  kNone,          // as large as it is
  kFixed,         // width x height
  kShortestEdge,  // shorter side to `shortest`, unless the longer one would pass `longest` (0:
                  // none)
  kLongestEdge,   // longer side to `longest`
  kFitWithin,     // as large as fits into width x height
};

struct Geometry {
  Convention convention = Convention::kTorchvision;
  ResizeMode resize = ResizeMode::kFixed;
  int width = 224;
  int height = 224;
  int shortest = 0;
  int longest = 0;
  bool center_crop = false;
  int crop_width = 0;
  int crop_height = 0;
  bool pad = false;  // with zeros, to the right and below, after normalization
  int output_width = 224;
  int output_height = 224;
};

// Where one image goes. The content is what is cropped (or all of the resized image); it starts
// at (left, top) of the resized image, which may be negative: there is a border around the
// image then, of zeros unless the region says otherwise. The content stands in the output's upper
// left corner.
struct Placement {
  int resized_width = 0;
  int resized_height = 0;
  int left = 0;
  int top = 0;
  int content_width = 0;
  int content_height = 0;
};

// Fails with kDoesNotFit where the content is not what the output has room for. Precondition: width
// and height are positive.
core::Status place(const Geometry& geometry, int width, int height, Placement& placement);

}  // namespace pixtok::transform
