#pragma once

#include "core/aligned_buffer.h"
#include "core/status.h"
#include "kernels/float_resize/float_resize_kernels.h"
#include "transform/operations/byte_image.h"
#include "transform/operations/operation.h"

namespace pixtok::transform {

// torchvision's gaussian_blur, which takes an image of Pillow through a tensor. Fails with
// kDoesNotFit where half the kernel is not smaller than the image. Throws std::bad_alloc.
core::Status blur(const ByteImage& image, const Blur& options,
                  const kernels::FloatResizeKernels& kernels, core::ScratchBuffer& floats);

}  // namespace pixtok::transform
