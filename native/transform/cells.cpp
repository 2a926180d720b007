#include "transform/cells.h"

#include <cstring>

namespace pixtok::transform {

namespace {

constexpr std::size_t kChannels = 3;

// Rows of narrower cells are not worth a call of a kernel each.
constexpr int kNarrow = 64;

// A row of a cell of no more than so many pixels is copied by one instruction.
constexpr std::size_t kCopied = 16;

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
                   kernels::StoreRow store, const kernels::Normalizer& normalizer,
                   CellScratch& scratch, std::uint8_t* target)
    : cells_(cells),
      element_bytes_(bytes_of(type)),
      whole_cells_(cells.width < kNarrow && is_one_piece(cells, layout == kernels::Layout::kHwc)),
      store_(store),
      normalizer_(normalizer),
      target_(target) {
  if (!whole_cells_) return;
  kept_stride_ = core::round_up(length(cells.width) * length(cells.across), core::kAlignment);
  kept_ = scratch.rows.reserve(kChannels * kept_stride_ * length(cells.height));
  gathered_stride_ =
      core::round_up(length(cells.width) * length(cells.height) + kCopied, core::kAlignment);
  gathered_ = scratch.cell.reserve(kChannels * gathered_stride_);
}

void CellRows::store_row(int y, const std::uint8_t* const* planes) {
  const int row = y / cells_.height;
  const int inside = y % cells_.height;
  if (whole_cells_) {
    keep_row(inside, planes);
    if (inside == cells_.height - 1) store_kept(row);
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
    std::memcpy(kept_ + row * kept_stride_, planes[channel], bytes);
  }
}

void CellRows::store_kept(int row) {
  const std::uint8_t* const planes[] = {gathered_, gathered_ + gathered_stride_,
                                        gathered_ + 2 * gathered_stride_};
  for (int column = 0; column < cells_.across; ++column) {
    const std::size_t left = length(column) * length(cells_.width);
    for (std::size_t channel = 0; channel < kChannels; ++channel) {
      const std::size_t first = channel * length(cells_.height);
      gather(kept_ + first * kept_stride_ + left, kept_stride_, cells_.width, cells_.height,
             gathered_ + channel * gathered_stride_);
    }
    store_cell(planes, cells_.width * cells_.height, place_of(row, column));
  }
}

// A cell, or a row of it, and the copies of its planes.
void CellRows::store_cell(const std::uint8_t* const* planes, int pixels, std::uint8_t* target) {
  const std::size_t copies = length(cells_.copies);
  const std::size_t apart = cells_.plane_stride * element_bytes_;
  store_(planes, pixels, normalizer_, target, copies * cells_.plane_stride);
  if (copies == 1) return;
  for (std::size_t channel = 0; channel < kChannels; ++channel) {
    std::uint8_t* first = target + channel * copies * apart;
    for (std::size_t copy = 1; copy < copies; ++copy) {
      std::memcpy(first + copy * apart, first, length(pixels) * element_bytes_);
    }
  }
}

}  // namespace pixtok::transform
