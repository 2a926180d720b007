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

// Taps of one axis, kept while size and filter stay the same.
class CachedTaps {
 public:
  // Throws std::bad_alloc.
  const kernels::AxisTaps& get(const AxisResize& resize, Filter filter, Windows windows,
                               std::vector<double>& weights);

 private:
  AxisResize resize_;
  Filter filter_ = Filter::kNearest;
  kernels::AxisTaps taps_;
};

// Memory of one thread for resampling, used again for every picture.
struct ResampleScratch {
  CachedTaps horizontal;
  CachedTaps vertical;
  std::vector<double> weights;
  std::vector<int> nearest_columns;
  std::vector<int> nearest_rows;
  core::ScratchBuffer ring;
  core::ScratchBuffer row;
  core::ScratchBuffer flipped;
  std::vector<const std::uint8_t*> row_pointers;

  void trim(std::size_t keep_at_most);
};

// The wanted rows of a resized picture, made one after the other from no more source rows than they
// need: horizontal pass, then vertical, bytes between the two (Pillow's order). A pass whose axis
// keeps its size is left out.
class ResampledRows {
 public:
  // Throws std::bad_alloc. The arguments must outlive the object. Precondition: `vertical` is not
  // reversed; `in` of the axes are the sizes of `source`.
  ResampledRows(const RgbRows& source, const AxisResize& horizontal, const AxisResize& vertical,
                Filter filter, const kernels::KernelTable& kernels, ResampleScratch& scratch);

  // The y-th wanted row, of horizontal.wanted() pixels, readable for core::kTailPadding bytes past
  // its end, valid until the next call. Precondition: y is larger than in the call before.
  const std::uint8_t* row(int y);

 private:
  const std::uint8_t* nearest_row(int y);
  const std::uint8_t* input_row(int source_row);
  const std::uint8_t* column_sums(int y);
  const std::uint8_t* reversed(const std::uint8_t* made);
  void resize_horizontally_until(int end);
  std::uint8_t* ring_row(int source_row);

  const RgbRows& source_;
  const AxisResize horizontal_;
  const AxisResize vertical_;
  const Filter filter_;
  const kernels::KernelTable& kernels_;
  ResampleScratch& scratch_;
  const kernels::AxisTaps* column_taps_ = nullptr;  // null: no horizontal pass
  const kernels::AxisTaps* row_taps_ = nullptr;     // null: no vertical pass
  std::size_t ring_stride_ = 0;
  int ring_rows_ = 0;
  int made_ = 0;  // source rows below this one have been through the horizontal pass, or skipped
  int last_needed_ = 0;
};

}  // namespace pixtok::transform
