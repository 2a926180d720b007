#include "transform/resampled_rows.h"

#include <algorithm>
#include <cstring>

namespace pixtok::transform {

namespace {

constexpr int kChannels = 3;

std::size_t plane_bytes(int width) {
  return core::round_up(static_cast<std::size_t>(width), core::kAlignment);
}

}  // namespace

const kernels::AxisTaps& CachedTaps::get(const AxisResize& resize, Filter filter,
                                         Resampler resampler, const kernels::ResizeKernels* kernels,
                                         std::vector<double>& weights) {
  Entry* oldest = &entries_.front();
  ++uses_;
  for (Entry& entry : entries_) {
    if (entry.resize == resize && entry.filter == filter && entry.resampler == resampler &&
        entry.kernels == kernels) {
      entry.last_use = uses_;
      return entry.taps;
    }
    if (entry.last_use < oldest->last_use) oldest = &entry;
  }
  oldest->resize = {};  // matches nothing while the taps are being replaced
  build_axis_taps(resize, filter, resampler, weights, oldest->taps);
  if (kernels != nullptr) kernels->pack_taps(oldest->taps);
  oldest->resize = resize;
  oldest->filter = filter;
  oldest->resampler = resampler;
  oldest->kernels = kernels;
  oldest->last_use = uses_;
  return oldest->taps;
}

void ResampleScratch::trim(std::size_t keep_at_most) {
  staged.trim(keep_at_most);
  ring.trim(keep_at_most);
  row.trim(keep_at_most);
  flipped.trim(keep_at_most);
}

ResampledRows::ResampledRows(const SourceRows& source, const AxisResize& horizontal,
                             const AxisResize& vertical, Filter filter, Resampler resampler,
                             const kernels::KernelTable& kernels, ResampleScratch& scratch)
    : source_(source),
      horizontal_(horizontal),
      vertical_(vertical),
      filter_(filter),
      kernels_(resampler == Resampler::kTorch ? kernels.short_resize : kernels.resize),
      scratch_(scratch),
      plane_stride_(plane_bytes(horizontal.wanted())),
      last_needed_(vertical.end) {
  scratch_.row.reserve(kChannels * plane_stride_);
  if (filter == Filter::kNearest) {
    const bool is_small = is_small_to_torch(horizontal.out, vertical.out);
    nearest_positions(horizontal, resampler, is_small, scratch_.nearest_columns);
    nearest_positions(vertical, resampler, is_small, scratch_.nearest_rows);
    staged_stride_ = plane_bytes(source.width());
    scratch_.staged.reserve(kChannels * staged_stride_);
    return;
  }
  int most_rows = 1;
  if (!vertical.is_identity()) {
    row_taps_ = &scratch_.vertical.get(vertical, filter, resampler, nullptr, scratch_.weights);
    most_rows = row_taps_->taps;
    last_needed_ = row_taps_->source_end;
    scratch_.row_pointers.resize(most_rows);
  }
  if (!horizontal.is_identity()) {
    column_taps_ =
        &scratch_.horizontal.get(horizontal, filter, resampler, &kernels_, scratch_.weights);
    staged_stride_ = plane_bytes(column_taps_->source_end - column_taps_->source_begin);
    scratch_.staged.reserve(kRowsAtOnce * kChannels * staged_stride_);
  }
  ring_rows_ = most_rows + kRowsAtOnce - 1;
  scratch_.ring.reserve(kChannels * plane_stride_ * ring_rows_);
}

const std::uint8_t* ResampledRows::row(int y) {
  if (filter_ == Filter::kNearest) return nearest_row(y);
  const std::uint8_t* made = row_taps_ == nullptr ? input_row(vertical_.begin + y) : column_sums(y);
  const bool reverse = column_taps_ == nullptr && horizontal_.reversed;
  return reverse ? reversed(made) : made;
}

// A row of the wanted columns, before the vertical pass.
const std::uint8_t* ResampledRows::input_row(int source_row) {
  made_ = std::max(made_, source_row);  // rows that nobody needs are not made
  make_rows_until(source_row + 1);
  return ring_row(source_row);
}

const std::uint8_t* ResampledRows::column_sums(int y) {
  const int first = row_taps_->source_begin + row_taps_->first[y];
  const int count = row_taps_->count[y];
  for (int k = 0; k < count; ++k) scratch_.row_pointers[k] = input_row(first + k);
  const kernels::WeightedRows rows{scratch_.row_pointers.data(), row_taps_->weights_of(y), count,
                                   row_taps_->precision};
  kernels_.resample_columns(rows, scratch_.row.data(), static_cast<int>(kChannels * plane_stride_));
  return scratch_.row.data();
}

const std::uint8_t* ResampledRows::nearest_row(int y) {
  std::uint8_t* staged = scratch_.staged.data();
  if (staged_row_ != scratch_.nearest_rows[y]) {
    staged_row_ = scratch_.nearest_rows[y];
    std::uint8_t* const planes[] = {staged, staged + staged_stride_, staged + 2 * staged_stride_};
    source_.read(staged_row_, 0, source_.width(), planes);
  }
  for (int channel = 0; channel < kChannels; ++channel) {
    const std::uint8_t* from = staged + channel * staged_stride_;
    std::uint8_t* target = scratch_.row.data() + channel * plane_stride_;
    for (const int column : scratch_.nearest_columns) *target++ = from[column];
  }
  return scratch_.row.data();
}

const std::uint8_t* ResampledRows::reversed(const std::uint8_t* made) {
  std::uint8_t* flipped = scratch_.flipped.reserve(kChannels * plane_stride_);
  for (int channel = 0; channel < kChannels; ++channel) {
    const std::uint8_t* from = made + channel * plane_stride_;
    std::reverse_copy(from, from + horizontal_.wanted(), flipped + channel * plane_stride_);
  }
  return flipped;
}

void ResampledRows::make_rows_until(int end) {
  if (column_taps_ == nullptr) {
    for (; made_ < end; ++made_) {
      std::uint8_t* row = ring_row(made_);
      std::uint8_t* const planes[] = {row, row + plane_stride_, row + 2 * plane_stride_};
      source_.read(made_, horizontal_.begin, horizontal_.end, planes);
    }
    return;
  }
  while (made_ < end) {
    const int rows = std::min(kRowsAtOnce, last_needed_ - made_);
    resize_horizontally(made_, rows);
    made_ += rows;
  }
}

void ResampledRows::resize_horizontally(int first_row, int rows) {
  const std::uint8_t* sources[kRowsAtOnce * kChannels];
  std::uint8_t* targets[kRowsAtOnce * kChannels];
  std::uint8_t* staged = scratch_.staged.data();
  for (int i = 0; i < rows; ++i) {
    std::uint8_t* const planes[] = {staged, staged + staged_stride_, staged + 2 * staged_stride_};
    source_.read(first_row + i, column_taps_->source_begin, column_taps_->source_end, planes);
    for (int channel = 0; channel < kChannels; ++channel, staged += staged_stride_) {
      sources[i * kChannels + channel] = staged;
      targets[i * kChannels + channel] = ring_row(first_row + i) + channel * plane_stride_;
    }
  }
  kernels_.resample_rows(sources, targets, rows * kChannels, *column_taps_);
}

std::uint8_t* ResampledRows::ring_row(int source_row) {
  return scratch_.ring.data() + kChannels * plane_stride_ * (source_row % ring_rows_);
}

}  // namespace pixtok::transform
