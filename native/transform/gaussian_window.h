#pragma once

#include <optional>
#include <vector>

#include "kernels/float_resize/float_resize_kernels.h"

namespace pixtok::transform {

// Weights of a Gaussian filter.
struct GaussianWindow {
  std::vector<float> weights;  // row after row
  int width = 0;
  int height = 0;

  kernels::FloatWindow view() const { return {weights.data(), width, height}; }
};

// torchvision's kernel of gaussian_blur, to the bits that it has on a CPU with AVX2. Precondition:
// sizes are odd, sigmas positive.
GaussianWindow gaussian_window(int width, int height, double sigma_x, double sigma_y);

// What transformers' Owlv2ImageProcessor filters an image by before it shrinks it, to the bits that
// torchvision's gaussian_blur has on a CPU with AVX2; nothing unless both sides shrink.
// Precondition: no size is zero.
std::optional<GaussianWindow> shrinking_window(int width, int height, int to_width, int to_height);

}  // namespace pixtok::transform
