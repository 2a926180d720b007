#pragma once

#include <cstdint>

#include "core/aligned_buffer.h"
#include "core/pixel_view.h"
#include "core/status.h"
#include "kernels/kernel_table.h"
#include "transform/cells.h"
#include "transform/operations/apply_operations.h"
#include "transform/plan.h"
#include "transform/region.h"
#include "transform/resampled_rows.h"
#include "transform/source_rows.h"
#include "transform/stage_times.h"

namespace pixtok::transform {

// Memory of one thread, used again for every image.
struct PrepareScratch {
  SourceScratch source;
  core::ScratchBuffer shortened;
  core::ScratchBuffer row;
  CellScratch cells;
  ResampleScratch resample;
  OperationScratch operations;
  RowTimer normalizing;  // of the image that was prepared last

  void trim(std::size_t keep_at_most);
};

// One image, resized, cropped, changed by the region's operations, normalized and laid out, into
// plan.slot_bytes() at `slot`, which must be aligned for the element type. Throws std::bad_alloc.
// Precondition: `pixels` is at least 1x1.
core::Status prepare_image(const core::PixelView& pixels, const Region& region, const Plan& plan,
                           const kernels::KernelTable& kernels, PrepareScratch& scratch,
                           std::uint8_t* slot);

}  // namespace pixtok::transform
