#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/aligned_buffer.h"
#include "kernels/kernel_table.h"
#include "transform/axis_taps.h"
#include "transform/filter.h"
#include "transform/source_rows.h"

namespace pixtok::transform {

// Taps of one axis for the sizes met last: computing them costs as much as a tenth of a resize, and
// most images of a set are of few sizes.
class CachedTaps {
 public:
  // `kernels` null: the taps are not packed. Valid until the next call. Throws std::bad_alloc.
  const kernels::AxisTaps& get(const AxisResize& resize, Filter filter, Resampler resampler,
                               const kernels::ResizeKernels* kernels, std::vector<double>& weights);

 private:
  struct Entry {
    AxisResize resize;
    Filter filter = Filter::kNearest;
    Resampler resampler = Resampler::kPillow13;
    const kernels::ResizeKernels* kernels = nullptr;
    kernels::AxisTaps taps;
    std::uint64_t last_use = 0;
  };

  static constexpr std::size_t kEntries = 16;

  std::array<Entry, kEntries> entries_;
  std::uint64_t uses_ = 0;
};

// Memory of one thread for resampling, used again for every image.
struct ResampleScratch {
  CachedTaps horizontal;
  CachedTaps vertical;
  std::vector<double> weights;
  std::vector<int> nearest_columns;
  std::vector<int> nearest_rows;
  core::ScratchBuffer staged;
  core::ScratchBuffer ring;
  core::ScratchBuffer row;
  core::ScratchBuffer flipped;
  std::vector<const std::uint8_t*> row_pointers;

  void trim(std::size_t keep_at_most);
};

// The wanted rows of a resized image, made one after the other from no more of the source than
// they need: horizontal pass, then vertical, bytes between the two. A pass whose axis keeps its
// size is left out.
class ResampledRows {
 public:
  // Throws std::bad_alloc. The arguments must outlive the object. Precondition: `vertical` is not
  // reversed; `in` of the axes are the sizes of `source`.
  ResampledRows(const SourceRows& source, const AxisResize& horizontal, const AxisResize& vertical,
                Filter filter, Resampler resampler, const kernels::KernelTable& kernels,
                ResampleScratch& scratch);

  // The y-th wanted row: planes of horizontal.wanted() bytes, plane_stride() apart, the last one
  // readable for core::kTailPadding bytes past its end, valid until the next call. Precondition: y
  // is larger than in the call before.
  const std::uint8_t* row(int y);

  std::size_t plane_stride() const { return plane_stride_; }

 private:
  // Rows that go through the horizontal pass at once: what it reads of the taps serves all of them.
  static constexpr int kRowsAtOnce = 4;

  const std::uint8_t* nearest_row(int y);
  const std::uint8_t* input_row(int source_row);
  const std::uint8_t* column_sums(int y);
  const std::uint8_t* reversed(const std::uint8_t* made);
  void make_rows_until(int end);
  void resize_horizontally(int first_row, int rows);
  std::uint8_t* ring_row(int source_row);

  const SourceRows& source_;
  const AxisResize horizontal_;
  const AxisResize vertical_;
  const Filter filter_;
  const kernels::ResizeKernels& kernels_;
  ResampleScratch& scratch_;
  const kernels::AxisTaps* column_taps_ = nullptr;  // null: no horizontal pass
  const kernels::AxisTaps* row_taps_ = nullptr;     // null: no vertical pass
  std::size_t plane_stride_;
  std::size_t staged_stride_ = 0;
  int staged_row_ = -1;  // kNearest: the source row that is staged
  int ring_rows_ = 0;
  int made_ = 0;  // source rows below this one are, or were, in the ring
  int last_needed_;
};

}  // namespace pixtok::transform
