#pragma once

#include <array>
#include <cstdint>

#include "core/aligned_buffer.h"
#include "transform/filter.h"
#include "transform/operations/affine_matrix.h"
#include "transform/operations/byte_image.h"
#include "transform/operations/operation.h"

namespace pixtok::transform {

// Pillow's Image.transform by an affine matrix, to an image of the same size. Where a pixel comes
// from outside of the source it is what it was in `target`. Precondition: `filter` is kNearest,
// kBilinear or kBicubic.
void transform_affine(const ByteImage& source, const AffineMatrix& matrix, Filter filter,
                      const ByteImage& target);

// torchvision's rotate and affine. Each reads `source` and writes all of `target`.
void rotate(const ByteImage& source, const Warp& options, const ByteImage& target);
void affine(const ByteImage& source, const Warp& options, const ByteImage& target);

}  // namespace pixtok::transform
