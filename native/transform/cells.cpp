#include "transform/cells.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

namespace pixtok::transform {

namespace {

constexpr std::size_t kChannels = 3;

// Rows of narrower cells are not worth a call of a kernel each.
constexpr int kNarrow = 64;

// A row of a cell of no more than so many pixels is copied by one instruction.
constexpr std::size_t kCopied = 16;

// What is made in the caches before it is written: several cells where they are small, so that two
// such runs are less than the smallest cache.
constexpr std::size_t kRunBytes = 12288;

std::size_t bytes_of(kernels::ElementType type) {
  switch (type) {
    case kernels::ElementType::kFloat32:
      return 4;
    case kernels::ElementType::kFloat16:
      return 2;
    case kernels::ElementType::kUint8:
      break;
  }
  return 1;
}

std::size_t length(int side) { return static_cast<std::size_t>(side); }

// Whether a cell's rows, and its planes, follow each other without gaps.
bool is_one_piece(const Cells& cells, bool interleaved) {
  const std::size_t row = length(cells.width) * (interleaved ? kChannels : 1);
  return cells.row_stride == row &&
         (interleaved || cells.plane_stride == row * length(cells.height));
}

// Rows of a cell one behind the other. Precondition: kCopied bytes are readable from each row's
// start on, and writable from the last one's.
void gather(const std::uint8_t* from, std::size_t stride, int width, int height, std::uint8_t* to) {
  const std::size_t bytes = length(width);
  if (bytes <= kCopied) {
    for (int y = 0; y < height; ++y, from += stride, to += bytes) std::memcpy(to, from, kCopied);
  } else {
    for (int y = 0; y < height; ++y, from += stride, to += bytes) std::memcpy(to, from, bytes);
  }
}

}  // namespace

CellRows::CellRows(const Cells& cells, kernels::ElementType type, kernels::Layout layout,
                   const kernels::NormalizeKernels& kernels, const kernels::Normalizer& normalizer,
                   CellScratch& scratch, std::uint8_t* target)
    : cells_(cells),
      element_bytes_(bytes_of(type)),
      whole_cells_(cells.width < kNarrow && is_one_piece(cells, layout == kernels::Layout::kHwc)),
      store_(kernels.store(type, layout)),
      store_plane_(type == kernels::ElementType::kFloat32 && layout == kernels::Layout::kChw
                       ? kernels.store_cell
                       : nullptr),
      normalizer_(normalizer),
      target_(target),
      written_(kernels.store_lines) {
  if (!whole_cells_) return;
  const std::size_t pixels = length(cells.width) * length(cells.height);
  kept_stride_ = core::round_up(length(cells.width) * length(cells.across), core::kAlignment);
  const std::size_t kept_bytes = kChannels * kept_stride_ * length(cells.height);
  kept_[0] = scratch.rows.reserve(2 * kept_bytes);
  kept_[1] = kept_[0] + kept_bytes;
  gathered_stride_ = core::round_up(pixels + kCopied, core::kAlignment);
  gathered_ = scratch.cell.reserve(kChannels * gathered_stride_);
  cell_bytes_ = kChannels * length(cells.copies) * pixels * element_bytes_;
  together_ = cells.block > 1 ? cells.block : cells.across;
  if (cell_bytes_ == cells.cell_stride * element_bytes_) {
    const std::size_t most = std::max<std::size_t>(1, kRunBytes / cell_bytes_);
    run_cells_ = static_cast<int>(std::min(most, length(together_)));
  }
  runs_in_row_ = cells.across / together_ * runs_together();
  const std::size_t run_bytes = core::kAlignment + length(run_cells_) * cell_bytes_;
  const std::size_t run_stride = core::round_up(run_bytes + core::kTailPadding, core::kAlignment);
  runs_[0] = scratch.run.reserve(2 * run_stride);
  runs_[1] = runs_[0] + run_stride;
}

void CellRows::store_row(int y, const std::uint8_t* const* planes) {
  const int row = y / cells_.height;
  const int inside = y % cells_.height;
  if (whole_cells_) {
    keep_row(inside, planes);
    // As many after each row that all are made when the last one has come.
    if (row > 0) make_runs_until(runs_in_row_ * (std::int64_t{inside} + 1) / cells_.height);
    if (inside == cells_.height - 1) end_kept(row);
    return;
  }
  const std::size_t above = length(inside) * cells_.row_stride * element_bytes_;
  for (int column = 0; column < cells_.across; ++column) {
    const std::size_t left = length(column) * length(cells_.width);
    const std::uint8_t* const part[] = {planes[0] + left, planes[1] + left, planes[2] + left};
    store_cell(part, cells_.width, place_of(row, column) + above);
  }
}

std::uint8_t* CellRows::place_of(int row, int column) const {
  return target_ + cells_.index(row, column) * cells_.cell_stride * element_bytes_;
}

void CellRows::keep_row(int y, const std::uint8_t* const* planes) {
  const std::size_t bytes = length(cells_.width) * length(cells_.across);
  for (std::size_t channel = 0; channel < kChannels; ++channel) {
    const std::size_t row = channel * length(cells_.height) + length(y);
    std::memcpy(kept_[0] + row * kept_stride_, planes[channel], bytes);
  }
}

// All rows of a row of cells are there.
void CellRows::end_kept(int row) {
  std::swap(kept_[0], kept_[1]);
  row_ = row;
  made_ = 0;
  if (row < cells_.down - 1) return;
  make_runs_until(runs_in_row_);
  written_.end();
}

void CellRows::make_runs_until(std::int64_t end) {
  for (; made_ < end; ++made_) make_run(made_);
}

void CellRows::make_run(int run) {
  const int first = run / runs_together() * together_;
  const int begin = run % runs_together() * run_cells_;
  const int cells = std::min(run_cells_, together_ - begin);
  std::uint8_t* target = place_of(row_, first + begin);
  std::uint8_t* made = runs_[0] + place_in_line(target);
  for (int i = 0; i < cells; ++i) make_cell(first + begin + i, made + length(i) * cell_bytes_);
  written_.end();
  written_.begin(made, length(cells) * cell_bytes_, target);
  std::swap(runs_[0], runs_[1]);
}

// A cell of the kept rows, and as much of the writing of an earlier one. Precondition:
// core::kTailPadding bytes behind it are writable.
void CellRows::make_cell(int column, std::uint8_t* target) {
  const std::uint8_t* rows[kChannels];
  for (std::size_t channel = 0; channel < kChannels; ++channel) {
    rows[channel] = kept_[1] + channel * length(cells_.height) * kept_stride_ +
                    length(column) * length(cells_.width);
  }
  const std::size_t lines = cell_bytes_ / core::kAlignment + 1;
  if (store_plane_ == nullptr) {
    gather_cell(rows, target);
    written_.go_on(lines);
    return;
  }
  const std::size_t plane = cells_.plane_stride * element_bytes_;
  for (int channel = 0; channel < static_cast<int>(kChannels); ++channel) {
    std::uint8_t* first = target + length(channel) * length(cells_.copies) * plane;
    store_plane_(rows[channel], kept_stride_, cells_.width, cells_.height, normalizer_, channel,
                 reinterpret_cast<float*>(first));
    for (int copy = 1; copy < cells_.copies; ++copy) {
      std::memcpy(first + length(copy) * plane, first, plane);
    }
    written_.go_on(lines / kChannels + 1);
  }
}

void CellRows::gather_cell(const std::uint8_t* const* rows, std::uint8_t* target) const {
  const std::uint8_t* planes[kChannels];
  for (std::size_t channel = 0; channel < kChannels; ++channel) {
    std::uint8_t* plane = gathered_ + channel * gathered_stride_;
    gather(rows[channel], kept_stride_, cells_.width, cells_.height, plane);
    planes[channel] = plane;
  }
  store_cell(planes, cells_.width * cells_.height, target);
}

// A cell, or a row of it, and the copies of its planes.
void CellRows::store_cell(const std::uint8_t* const* planes, int pixels,
                          std::uint8_t* target) const {
  const std::size_t copies = length(cells_.copies);
  const std::size_t apart = cells_.plane_stride * element_bytes_;
  store_(planes, pixels, normalizer_, target, copies * cells_.plane_stride);
  for (std::size_t channel = 0; channel < kChannels; ++channel) {
    std::uint8_t* first = target + channel * copies * apart;
    for (std::size_t copy = 1; copy < copies; ++copy) {
      std::memcpy(first + copy * apart, first, length(pixels) * element_bytes_);
    }
  }
}

}  // namespace pixtok::transform
