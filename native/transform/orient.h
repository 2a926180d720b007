#pragma once

#include "core/aligned_buffer.h"
#include "core/pixel_view.h"

namespace pixtok::transform {

// The image turned and mirrored as EXIF orientation 1 to 8 says (Pillow's
// ImageOps.exif_transpose), in `scratch`. Throws std::bad_alloc. Precondition: no chroma that is
// smaller than luma.
core::PixelView orient(const core::PixelView& pixels, int orientation,
                       core::ScratchBuffer& scratch);

}  // namespace pixtok::transform
