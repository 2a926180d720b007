#pragma once

#include "core/aligned_buffer.h"
#include "core/pixel_view.h"

namespace pixtok::transform {

// Memory of one thread, used again for every image.
struct GroundScratch {
  core::ScratchBuffer pixels;
  core::Palette palette{};

  void trim(std::size_t keep_at_most) { pixels.trim(keep_at_most); }
};

// An image on a white ground, as Pillow's alpha_composite puts it there: `pixels` itself where it
// has no alpha, otherwise without it, in `scratch`. Throws std::bad_alloc.
core::PixelView on_white(const core::PixelView& pixels, GroundScratch& scratch);

}  // namespace pixtok::transform
