#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/aligned_buffer.h"
#include "core/pixel_view.h"
#include "decode/png/png_file.h"
#include "kernels/unfilter/unfilter_kernels.h"

namespace pixtok::decode {

// Rows and columns of a pass of an interlaced image (PNG specification, 8.1), or all of them.
struct PngPass {
  int left = 0;
  int top = 0;
  int step_x = 1;
  int step_y = 1;
  // What the image has of it. No pass has one and not the other.
  std::size_t columns = 0;
  std::size_t rows = 0;
  std::size_t row_bytes = 0;  // without the filter type
};

// Those that have pixels, in the order of the file.
class PngPasses {
 public:
  void add(const PngPass& pass) { passes_[count_++] = pass; }

  const PngPass* begin() const { return passes_.data(); }
  const PngPass* end() const { return begin() + count_; }

 private:
  std::array<PngPass, 7> passes_{};
  std::size_t count_ = 0;
};

PngPasses png_passes(const PngHeader& header);

// What is inflated: all rows, each with its filter type.
std::size_t inflated_bytes(const PngPasses& passes);

core::PixelFormat png_pixel_format(const PngHeader& header);

// Memory of one thread, used again for every image.
struct PngPixelScratch {
  core::ScratchBuffer pixels;
  core::ScratchBuffer rows;

  void trim(std::size_t keep_at_most) {
    pixels.trim(keep_at_most);
    rows.trim(keep_at_most);
  }
};

// The pixels of png_pixel_format() without gaps, in scratch.pixels; null where a filter type is
// none. Throws std::bad_alloc. Precondition: core::kTailPadding bytes behind the inflated ones are
// readable.
const std::uint8_t* unfilter_pixels(const std::uint8_t* inflated, const PngHeader& header,
                                    const PngPasses& passes,
                                    const kernels::UnfilterKernels& kernels,
                                    PngPixelScratch& scratch);

}  // namespace pixtok::decode
