#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/aligned_buffer.h"
#include "kernels/kernel_table.h"
#include "transform/axis_taps.h"
#include "transform/filter.h"
#include "transform/rgb_rows.h"

namespace pixtok::transform {

// Memory of one thread for resampling, used again for every picture. Taps are kept while the
// sizes stay the same.
struct ResampleScratch {
  AxisResize horizontal_key;
  AxisResize vertical_key;
  kernels::AxisTaps horizontal;
  kernels::AxisTaps vertical;
  std::vector<double> weights;
  std::vector<int> nearest_columns;
  core::ScratchBuffer ring;
  core::ScratchBuffer row;
  std::vector<const std::uint8_t*> row_pointers;

  void trim(std::size_t keep_at_most);
};

// The rows of a resized picture, made one after the other from no more source rows than they need:
// horizontal pass, then vertical, bytes between the two (Pillow's order). A pass whose axis keeps
// its size is left out.
class ResampledRows {
 public:
  // Throws std::bad_alloc. The arguments must outlive the object.
  ResampledRows(const RgbRows& source, int width, int height, Filter filter,
                const kernels::KernelTable& kernels, ResampleScratch& scratch);

  // Row y, readable for core::kTailPadding bytes past its end, valid until the next call.
  // Precondition: y is larger than in the call before.
  const std::uint8_t* row(int y);

 private:
  const std::uint8_t* nearest_row(int y);
  void resize_horizontally_until(int end);
  std::uint8_t* ring_row(int source_row);

  const RgbRows& source_;
  const int width_;
  const int height_;
  const Filter filter_;
  const kernels::KernelTable& kernels_;
  ResampleScratch& scratch_;
  const bool horizontal_;
  const bool vertical_;
  std::size_t ring_stride_ = 0;
  int ring_rows_ = 0;
  int made_ = 0;  // source rows below this one have been through the horizontal pass, or skipped
  int last_needed_ = 0;
  double nearest_y_ = 0.0;  // Pillow adds up the step, so its rounding adds up as well
  int nearest_next_ = 0;
};

}  // namespace pixtok::transform
