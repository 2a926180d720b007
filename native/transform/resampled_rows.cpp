#include "transform/resampled_rows.h"

#include <algorithm>
#include <cstring>

namespace pixtok::transform {

namespace {

using core::kAlignment;
using core::kTailPadding;
using kernels::kRowsAtOnce;

}  // namespace

const kernels::AxisTaps& CachedTaps::get(const AxisResize& resize, Filter filter, Windows windows,
                                         std::vector<double>& weights) {
  if (resize != resize_ || filter != filter_) {
    resize_ = {};
    build_axis_taps(resize, filter, windows, weights, taps_);
    resize_ = resize;
    filter_ = filter;
  }
  return taps_;
}

void ResampleScratch::trim(std::size_t keep_at_most) {
  ring.trim(keep_at_most);
  row.trim(keep_at_most);
  flipped.trim(keep_at_most);
}

ResampledRows::ResampledRows(const RgbRows& source, const AxisResize& horizontal,
                             const AxisResize& vertical, Filter filter,
                             const kernels::KernelTable& kernels, ResampleScratch& scratch)
    : source_(source),
      horizontal_(horizontal),
      vertical_(vertical),
      filter_(filter),
      kernels_(kernels),
      scratch_(scratch),
      last_needed_(vertical.end) {
  const std::size_t row_bytes = 3 * static_cast<std::size_t>(horizontal.wanted());
  scratch_.row.reserve(row_bytes);
  if (filter == Filter::kNearest) {
    nearest_positions(horizontal, scratch_.nearest_columns);
    nearest_positions(vertical, scratch_.nearest_rows);
    return;
  }
  int most_rows = 1;
  if (!vertical.is_identity()) {
    row_taps_ = &scratch_.vertical.get(vertical, filter, Windows::kTrue, scratch_.weights);
    most_rows = row_taps_->stride;
    last_needed_ = row_taps_->first.back() + row_taps_->count.back();
    scratch_.row_pointers.resize(row_taps_->stride);
  }
  if (!horizontal.is_identity()) {
    column_taps_ = &scratch_.horizontal.get(horizontal, filter, Windows::kInside, scratch_.weights);
    ring_stride_ = core::round_up(row_bytes + kTailPadding, kAlignment);
    ring_rows_ = most_rows + kRowsAtOnce - 1;
    scratch_.ring.reserve(ring_stride_ * ring_rows_);
  }
}

const std::uint8_t* ResampledRows::row(int y) {
  if (filter_ == Filter::kNearest) return nearest_row(y);
  const std::uint8_t* made = row_taps_ == nullptr ? input_row(vertical_.begin + y) : column_sums(y);
  const bool reverse = column_taps_ == nullptr && horizontal_.reversed;
  return reverse ? reversed(made) : made;
}

// A row of the wanted columns, before the vertical pass.
const std::uint8_t* ResampledRows::input_row(int source_row) {
  if (column_taps_ == nullptr) {
    return source_.row(source_row) + 3 * static_cast<std::ptrdiff_t>(horizontal_.begin);
  }
  made_ = std::max(made_, source_row);
  resize_horizontally_until(source_row + 1);
  return ring_row(source_row);
}

const std::uint8_t* ResampledRows::column_sums(int y) {
  const int first = row_taps_->first[y];
  const int count = row_taps_->count[y];
  for (int k = 0; k < count; ++k) scratch_.row_pointers[k] = input_row(first + k);
  const std::size_t at = static_cast<std::size_t>(y) * row_taps_->stride;
  const kernels::WeightedRows rows{scratch_.row_pointers.data(), count, &row_taps_->weights[at],
                                   &row_taps_->pairs[at]};
  kernels_.resample_columns(rows, scratch_.row.data(), 3 * horizontal_.wanted());
  return scratch_.row.data();
}

const std::uint8_t* ResampledRows::nearest_row(int y) {
  const std::uint8_t* from = source_.row(scratch_.nearest_rows[y]);
  std::uint8_t* target = scratch_.row.data();
  for (const int column : scratch_.nearest_columns) {
    std::memcpy(target, from + 3 * static_cast<std::ptrdiff_t>(column), 3);
    target += 3;
  }
  return scratch_.row.data();
}

const std::uint8_t* ResampledRows::reversed(const std::uint8_t* made) {
  const int pixels = horizontal_.wanted();
  std::uint8_t* target = scratch_.flipped.reserve(3 * static_cast<std::size_t>(pixels));
  for (int x = pixels - 1; x >= 0; --x, target += 3) std::memcpy(target, made + 3 * x, 3);
  return scratch_.flipped.data();
}

void ResampledRows::resize_horizontally_until(int end) {
  while (made_ < end) {
    const int rows = std::min(kRowsAtOnce, last_needed_ - made_);
    const std::uint8_t* sources[kRowsAtOnce];
    std::uint8_t* targets[kRowsAtOnce];
    for (int i = 0; i < rows; ++i) {
      sources[i] = source_.row(made_ + i);
      targets[i] = ring_row(made_ + i);
    }
    kernels_.resample_rows(sources, targets, rows, *column_taps_);
    made_ += rows;
  }
}

std::uint8_t* ResampledRows::ring_row(int source_row) {
  return scratch_.ring.data() + ring_stride_ * (source_row % ring_rows_);
}

}  // namespace pixtok::transform
