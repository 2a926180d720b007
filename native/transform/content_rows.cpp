#include "transform/content_rows.h"

#include <climits>
#include <cstring>

namespace pixtok::transform {

void ImageRows::store(int y, const std::uint8_t* const* planes, int rows) {
  const std::size_t bytes = static_cast<std::size_t>(rows) * static_cast<std::size_t>(image_.width);
  for (int channel = 0; channel < 3; ++channel) {
    std::memcpy(image_.row(channel, y), planes[channel], bytes);
  }
}

SlotRows::SlotRows(const Plan& plan, const kernels::KernelTable& kernels, int content_width,
                   int content_height, CellScratch& cells, RowTimer& timer, std::uint8_t* memory)
    : plan_(plan),
      store_(kernels.normalize.store(plan.type, plan.layout)),
      content_width_(content_width),
      timer_(timer),
      memory_(memory) {
  if (plan.cells) {
    cells_.emplace(*plan.cells, plan.type, plan.layout, kernels.normalize, plan.normalizer, cells,
                   memory);
  }
  const bool padded =
      content_width < plan.geometry.output_width || content_height < plan.geometry.output_height;
  // all zero bits are 0 in every element type
  if (padded) std::memset(memory_, 0, plan.slot_bytes());
}

void SlotRows::store(int y, const std::uint8_t* const* planes, int rows) {
  timer_.time(rows, [&] { store_rows(y, planes, rows); });
}

void SlotRows::store_rows(int y, const std::uint8_t* const* planes, int rows) {
  const auto width = static_cast<std::size_t>(content_width_);
  if (!cells_ && content_width_ == plan_.geometry.output_width &&
      width * static_cast<std::size_t>(rows) <= INT_MAX) {
    return store_pixels(y, planes, content_width_ * rows);
  }
  const std::uint8_t* row[] = {planes[0], planes[1], planes[2]};
  for (int i = 0; i < rows; ++i) {
    store_pixels(y + i, row, content_width_);
    for (const std::uint8_t*& plane : row) plane += width;
  }
}

void SlotRows::store_pixels(int y, const std::uint8_t* const* planes, int pixels) {
  const std::uint8_t* const turned[] = {planes[2], planes[1], planes[0]};
  if (cells_) return cells_->store_row(y, plan_.blue_first ? turned : planes);
  const std::size_t channels = plan_.layout == kernels::Layout::kChw ? 1 : 3;
  const std::size_t row_elements = channels * static_cast<std::size_t>(plan_.geometry.output_width);
  store_(plan_.blue_first ? turned : planes, pixels, plan_.normalizer,
         memory_ + static_cast<std::size_t>(y) * row_elements * plan_.element_bytes(),
         plan_.plane_elements());
}

}  // namespace pixtok::transform
