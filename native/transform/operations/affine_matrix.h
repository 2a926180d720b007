#pragma once

#include <array>

#include "transform/operations/operation.h"

namespace pixtok::transform {

// Where a pixel of the result lies in the source: x' = m[0] x + m[1] y + m[2], and
// y' = m[3] x + m[4] y + m[5].
using AffineMatrix = std::array<double, 6>;

// Image.rotate's, of Pillow; none of scale, shear and translation.
AffineMatrix rotation_matrix(const Warp& warp, int width, int height);

// affine's, of torchvision.
AffineMatrix affine_matrix(const Warp& warp, int width, int height);

}  // namespace pixtok::transform
