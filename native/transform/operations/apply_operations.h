#pragma once

#include <cstddef>
#include <vector>

#include "core/aligned_buffer.h"
#include "core/status.h"
#include "kernels/kernel_table.h"
#include "transform/operations/byte_image.h"
#include "transform/operations/operation.h"

namespace pixtok::transform {

// Memory of one thread, used again for every image.
struct OperationScratch {
  core::ScratchBuffer image;
  core::ScratchBuffer other;
  core::ScratchBuffer values;

  void trim(std::size_t keep_at_most);
};

// Does what is of bytes to the image in scratch.image, in order, and gives where it then is, which
// is valid until the next call. Fails with kDoesNotFit. Throws std::bad_alloc.
core::Status apply_operations(const std::vector<Operation>& operations,
                              const kernels::KernelTable& kernels, OperationScratch& scratch,
                              ByteImage& image);

}  // namespace pixtok::transform
