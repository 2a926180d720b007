#pragma once

#include <cstddef>
#include <cstdint>

#include "core/aligned_buffer.h"
#include "kernels/normalize/normalize_kernels.h"
#include "transform/streamed_copy.h"

namespace pixtok::transform {

// How an image is stored as a grid of cells of one size, each with memory of its own: patches, or
// tiles. An image that is one cell may stand in the corner of a larger one. Strides are in
// elements.
struct Cells {
  int width = 0;
  int height = 0;
  int across = 1;  // cells in a row of the image
  int down = 1;
  int block = 1;   // so many rows and columns of cells follow each other before the next ones do
  int copies = 1;  // of each plane, one behind the other; 1 where channels are interleaved
  std::size_t row_stride = 0;
  std::size_t plane_stride = 0;
  std::size_t cell_stride = 0;

  // Place of a cell among all. Precondition: `across` and `down` are multiples of `block`.
  std::size_t index(int row, int column) const {
    const auto blocks = [this](int place) { return static_cast<std::size_t>(place / block); };
    const auto inside = [this](int place) { return static_cast<std::size_t>(place % block); };
    const auto side = static_cast<std::size_t>(block);
    const std::size_t before = blocks(row) * static_cast<std::size_t>(across / block);
    return ((before + blocks(column)) * side + inside(row)) * side + inside(column);
  }
};

// Memory of one thread, used again for every image.
struct CellScratch {
  core::ScratchBuffer rows;
  core::ScratchBuffer cell;
  core::ScratchBuffer run;

  void trim(std::size_t keep_at_most) {
    rows.trim(keep_at_most);
    cell.trim(keep_at_most);
    run.trim(keep_at_most);
  }
};

// Writes rows of an image to its cells. Narrow cells are made whole, from rows that are kept until
// then, in the caches, and those that follow each other are written to the batch as one piece. Such
// pieces of a row of cells are made one by one while the rows of the next one come: memory takes
// longer to be written than they take to be made, and has the time between two rows as well.
class CellRows {
 public:
  // The arguments must outlive the object. Throws std::bad_alloc.
  CellRows(const Cells& cells, kernels::ElementType type, kernels::Layout layout,
           const kernels::NormalizeKernels& kernels, const kernels::Normalizer& normalizer,
           CellScratch& scratch, std::uint8_t* target);

  // Row y, of three planes as kernels::StoreRow reads them. Rows come in their order, all of them.
  void store_row(int y, const std::uint8_t* const* planes);

 private:
  void keep_row(int y, const std::uint8_t* const* planes);
  int runs_together() const { return (together_ + run_cells_ - 1) / run_cells_; }
  void end_kept(int row);
  void make_runs_until(std::int64_t end);
  void make_run(int run);
  void make_cell(int column, std::uint8_t* target);
  void gather_cell(const std::uint8_t* const* rows, std::uint8_t* target) const;
  void store_cell(const std::uint8_t* const* planes, int pixels, std::uint8_t* target) const;
  std::uint8_t* place_of(int row, int column) const;

  const Cells& cells_;
  const std::size_t element_bytes_;
  const bool whole_cells_;
  const kernels::StoreRow store_;
  const kernels::StoreCell store_plane_;  // nullptr where it is not for these elements
  const kernels::Normalizer& normalizer_;
  std::uint8_t* const target_;
  std::size_t kept_stride_ = 0;  // of a plane's row
  std::uint8_t* kept_[2] = {};   // of the row of cells that comes, and of the one that is written
  std::size_t gathered_stride_ = 0;  // of a plane of a cell
  std::uint8_t* gathered_ = nullptr;
  int together_ = 1;   // cells of a row that follow each other in the batch
  int run_cells_ = 1;  // of these, at most
  int runs_in_row_ = 0;
  int row_ = 0;   // of cells: the one that is written
  int made_ = 0;  // runs of it
  std::size_t cell_bytes_ = 0;
  std::uint8_t* runs_[2] = {};  // one is written to the batch while the next one is made
  StreamedCopy written_;
};

}  // namespace pixtok::transform
