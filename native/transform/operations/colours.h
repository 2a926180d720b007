#pragma once

#include "transform/operations/byte_image.h"

namespace pixtok::transform {

// Red, green and blue become Pillow's L.
void make_grey(const ByteImage& image);

// ImageEnhance.Color: from the grey image, `factor` of the way to the image, or past it.
void change_saturation(const ByteImage& image, double factor);

// Through Pillow's HSV, whose hue is turned by `factor` of the circle, -0.5 to 0.5.
void turn_hue(const ByteImage& image, double factor);

}  // namespace pixtok::transform
