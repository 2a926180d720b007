#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/aligned_buffer.h"
#include "core/pixel_view.h"
#include "core/status.h"
#include "kernels/kernel_table.h"
#include "transform/cells.h"
#include "transform/cubic_shrink.h"
#include "transform/plan.h"
#include "transform/prepare_image.h"
#include "transform/region.h"

namespace pixtok::transform {

// One of the images that are made of one, for a model that takes it apart: cut out, resized, and
// shown by a window of any size, whose colour is around it.
struct View {
  int from = -1;  // an earlier view whose bytes are kept; -1: the image itself
  PixelRect crop;
  int resized_width = 0;
  int resized_height = 0;
  Window window;
  int width = 0;
  int height = 0;
  // Where it is stored, `offset` bytes from the start of the batch. Nothing: its bytes are kept for
  // later views.
  std::optional<Cells> cells;
  std::size_t offset = 0;
  // Its numbers are made smaller, not its bytes: transform/cubic_shrink.h. It is one cell then, of
  // an earlier view, and neither cut out nor windowed.
  bool cubic = false;
};

// Bytes that no view writes, as they have to be zeros.
struct ZeroBytes {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct Views {
  std::vector<View> views;
  std::vector<ZeroBytes> zeros;
};

// Whether all that is written lies within so many bytes, and views are made of earlier ones.
bool are_sound(const Views& views, const Plan& plan, std::size_t target_bytes);

struct ViewScratch {
  std::vector<core::ScratchBuffer> kept;
  core::ScratchBuffer planar;
  CubicScratch cubic;

  void trim(std::size_t keep_at_most);
};

// All views of an image into `target`. Throws std::bad_alloc. Preconditions: `pixels` is at least
// 1x1; are_sound(); plan.geometry is not looked at.
core::Status prepare_views(const core::PixelView& pixels, const Views& views, const Plan& plan,
                           const kernels::KernelTable& kernels, ViewScratch& scratch,
                           PrepareScratch& prepare, std::uint8_t* target);

}  // namespace pixtok::transform
