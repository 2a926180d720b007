#pragma once

#include <array>
#include <vector>

#include "kernels/float_resize/float_resize_kernels.h"
#include "transform/float_taps.h"

namespace pixtok::transform {

// Three planes of float32, one after the other.
struct FloatImage {
  int width = 0;
  int height = 0;
  std::vector<float> values;
};

// What the edges of an image are mirrored into, in pixels.
struct MirroredEdges {
  int left = 0;
  int top = 0;
  int right = 0;
  int bottom = 0;
  bool repeats_edge = false;  // the outermost pixels come twice
};

// Precondition: the image is not empty, the edges are not negative.
FloatImage mirror(const float* planes, int width, int height, const MirroredEdges& edges);

// As torch's interpolate of an image with three channels, on a CPU with fused multiply-add and with
// more than one thread. Precondition: no size is zero.
FloatImage resize_floats(const float* planes, int width, int height, FloatFilter filter,
                         int to_width, int to_height, const kernels::FloatResizeKernels& kernels);

// (value - float32(mean)) / float32(std)
void normalize_floats(FloatImage& image, const std::array<double, 3>& mean,
                      const std::array<double, 3>& std);

}  // namespace pixtok::transform
