#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "kernels/kernel_table.h"
#include "transform/cells.h"
#include "transform/operations/byte_image.h"
#include "transform/plan.h"
#include "transform/stage_times.h"

namespace pixtok::transform {

// Where rows of an image's content go, from top to bottom.
class ContentRows {
 public:
  // Planes are readable for core::kTailPadding bytes past their end. Of several rows, each plane
  // has one after the other without gaps.
  virtual void store(int y, const std::uint8_t* const* planes, int rows) = 0;

  // One row of three planes, `plane_stride` apart.
  void store(int y, const std::uint8_t* row, std::size_t plane_stride) {
    const std::uint8_t* const planes[] = {row, row + plane_stride, row + 2 * plane_stride};
    store(y, planes, 1);
  }

 protected:
  ~ContentRows() = default;
};

// An image of bytes, as large as the content.
class ImageRows final : public ContentRows {
 public:
  explicit ImageRows(const ByteImage& image) : image_(image) {}

  using ContentRows::store;
  void store(int y, const std::uint8_t* const* planes, int rows) override;

 private:
  const ByteImage image_;
};

// A slot of a batch: normalized numbers, in the plan's cells if it has such, and zeros where the
// output is larger than the content.
class SlotRows final : public ContentRows {
 public:
  SlotRows(const Plan& plan, const kernels::KernelTable& kernels, int content_width,
           int content_height, CellScratch& cells, RowTimer& timer, std::uint8_t* memory);

  using ContentRows::store;
  void store(int y, const std::uint8_t* const* planes, int rows) override;

 private:
  void store_rows(int y, const std::uint8_t* const* planes, int rows);
  void store_pixels(int y, const std::uint8_t* const* planes, int pixels);

  const Plan& plan_;
  const kernels::StoreRow store_;
  const int content_width_;
  RowTimer& timer_;
  std::uint8_t* const memory_;
  std::optional<CellRows> cells_;
};

}  // namespace pixtok::transform
