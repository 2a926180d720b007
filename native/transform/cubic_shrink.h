#pragma once

#include <vector>

#include "core/pixel_view.h"
#include "kernels/float_resize/float_resize_kernels.h"
#include "kernels/normalize/normalize_kernels.h"

namespace pixtok::transform {

// Memory of one thread, used again for every image.
struct CubicScratch {
  std::vector<float> staged;
  std::vector<float> rows;
  std::vector<int> first;
  std::vector<int> count;
  std::vector<float> weights;
};

// An image's numbers, made smaller by a whole number in each direction, as torch's interpolate
// makes float32 smaller by bicubic without antialias: four source positions, whose sum is fma(d,
// wd, fma(c, wc, fma(a, wa, b * wb))), across and then down. To three planes of width * height
// values. Preconditions: `pixels` are kPlanarRgb, and their sides whole multiples of the new ones.
void shrink_by_cubic(const core::PixelView& pixels, const kernels::Normalizer& normalizer,
                     int width, int height, const kernels::FloatResizeKernels& kernels,
                     CubicScratch& scratch, float* target);

}  // namespace pixtok::transform
