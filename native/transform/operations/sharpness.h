#pragma once

#include "core/aligned_buffer.h"
#include "transform/operations/byte_image.h"

namespace pixtok::transform {

// ImageEnhance.Sharpness: from the smoothed image, `factor` of the way to the image, or past it.
void change_sharpness(const ByteImage& image, double factor, core::ScratchBuffer& rows);

}  // namespace pixtok::transform
