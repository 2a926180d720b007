#include "transform/resampled_rows.h"

#include <algorithm>
#include <cstddef>

namespace pixtok::transform {

namespace {

using core::kAlignment;
using core::kTailPadding;
using kernels::kRowsAtOnce;

// Pillow's ImagingScaleAffine: positions are added up, not multiplied.
void nearest_positions(int in, int out, std::vector<int>& positions) {
  positions.resize(out);
  const double step = static_cast<double>(static_cast<float>(in)) / out;
  double position = step * 0.5;
  for (int i = 0; i < out; ++i, position += step) {
    positions[i] = std::min(in - 1, static_cast<int>(position));
  }
}

}  // namespace

void ResampleScratch::trim(std::size_t keep_at_most) {
  ring.trim(keep_at_most);
  row.trim(keep_at_most);
}

ResampledRows::ResampledRows(const RgbRows& source, int width, int height, Filter filter,
                             const kernels::KernelTable& kernels, ResampleScratch& scratch)
    : source_(source),
      width_(width),
      height_(height),
      filter_(filter),
      kernels_(kernels),
      scratch_(scratch),
      horizontal_(width != source.width()),
      vertical_(height != source.height()) {
  const std::size_t row_bytes = 3 * static_cast<std::size_t>(width);
  scratch_.row.reserve(row_bytes);
  if (filter == Filter::kNearest) {
    nearest_positions(source.width(), width, scratch_.nearest_columns);
    nearest_y_ = static_cast<double>(static_cast<float>(source.height())) / height * 0.5;
    return;
  }
  int most_rows = 1;
  last_needed_ = source.height();
  if (vertical_) {
    const AxisResize key{source.height(), height, 0, height, filter};
    if (key != scratch_.vertical_key) {
      scratch_.vertical_key = {};
      build_axis_taps(key, Windows::kTrue, scratch_.weights, scratch_.vertical);
      scratch_.vertical_key = key;
    }
    const kernels::AxisTaps& taps = scratch_.vertical;
    most_rows = taps.stride;
    last_needed_ = taps.first[height - 1] + taps.count[height - 1];
    scratch_.row_pointers.resize(taps.stride);
  }
  if (horizontal_) {
    const AxisResize key{source.width(), width, 0, width, filter};
    if (key != scratch_.horizontal_key) {
      scratch_.horizontal_key = {};
      build_axis_taps(key, Windows::kInside, scratch_.weights, scratch_.horizontal);
      scratch_.horizontal_key = key;
    }
    ring_stride_ = core::round_up(row_bytes + kTailPadding, kAlignment);
    ring_rows_ = most_rows + kRowsAtOnce - 1;
    scratch_.ring.reserve(ring_stride_ * ring_rows_);
  }
}

const std::uint8_t* ResampledRows::row(int y) {
  if (filter_ == Filter::kNearest) return nearest_row(y);
  if (!vertical_) {
    if (!horizontal_) return source_.row(y);
    made_ = std::max(made_, y);
    resize_horizontally_until(y + 1);
    return ring_row(y);
  }
  const kernels::AxisTaps& taps = scratch_.vertical;
  const int first = taps.first[y];
  const int count = taps.count[y];
  if (horizontal_) {
    made_ = std::max(made_, first);
    resize_horizontally_until(first + count);
  }
  for (int k = 0; k < count; ++k) {
    scratch_.row_pointers[k] = horizontal_ ? ring_row(first + k) : source_.row(first + k);
  }
  const std::size_t at = static_cast<std::size_t>(y) * taps.stride;
  const kernels::WeightedRows rows{scratch_.row_pointers.data(), count, &taps.weights[at],
                                   &taps.high_pairs[at / 2], &taps.low_pairs[at / 2]};
  kernels_.resample_columns(rows, scratch_.row.data(), 3 * width_);
  return scratch_.row.data();
}

const std::uint8_t* ResampledRows::nearest_row(int y) {
  const double step = static_cast<double>(static_cast<float>(source_.height())) / height_;
  for (; nearest_next_ < y; ++nearest_next_) nearest_y_ += step;
  const std::uint8_t* from =
      source_.row(std::min(source_.height() - 1, static_cast<int>(nearest_y_)));
  std::uint8_t* target = scratch_.row.data();
  for (int x = 0; x < width_; ++x) {
    const std::uint8_t* pixel = from + 3 * static_cast<std::ptrdiff_t>(scratch_.nearest_columns[x]);
    target[3 * x] = pixel[0];
    target[3 * x + 1] = pixel[1];
    target[3 * x + 2] = pixel[2];
  }
  return target;
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
    kernels_.resample_rows(sources, targets, rows, scratch_.horizontal);
    made_ += rows;
  }
}

std::uint8_t* ResampledRows::ring_row(int source_row) {
  return scratch_.ring.data() + ring_stride_ * (source_row % ring_rows_);
}

}  // namespace pixtok::transform
