#include "transform/prepare_image.h"

#include <cstddef>
#include <cstring>

#include "transform/rgb_rows.h"

namespace pixtok::transform {

namespace {

void store_rows(const RgbRows& source, const Plan& plan, const kernels::KernelTable& kernels,
                PrepareScratch& scratch, std::uint8_t* slot) {
  ResampledRows rows(source, plan.width, plan.height, plan.filter, kernels, scratch.resample);
  const kernels::StoreRow store = kernels.store(plan.type, plan.layout);
  const std::size_t width = static_cast<std::size_t>(plan.width);
  const std::size_t plane = width * static_cast<std::size_t>(plan.height);
  const std::size_t row_elements = plan.layout == kernels::Layout::kChw ? width : 3 * width;
  const std::size_t row_bytes = row_elements * plan.element_bytes();
  for (int y = 0; y < plan.height; ++y) {
    store(rows.row(y), plan.width, plan.normalizer, slot + y * row_bytes, plane);
  }
}

// The vertical pass alone.
core::PixelView shorten(const RgbRows& source, const Plan& plan,
                        const kernels::KernelTable& kernels, PrepareScratch& scratch) {
  ResampledRows rows(source, source.width(), plan.height, plan.filter, kernels, scratch.resample);
  const std::size_t row_bytes = 3 * static_cast<std::size_t>(source.width());
  std::uint8_t* target = scratch.shortened.reserve(row_bytes * plan.height);
  for (int y = 0; y < plan.height; ++y) {
    std::memcpy(target + y * row_bytes, rows.row(y), row_bytes);
  }
  return {target, source.width(), plan.height, core::PixelFormat::kRgb, true};
}

}  // namespace

void PrepareScratch::trim(std::size_t keep_at_most) {
  rgb.trim(keep_at_most);
  shortened.trim(keep_at_most);
  resample.trim(keep_at_most);
}

void prepare_image(const core::PixelView& pixels, const Plan& plan,
                   const kernels::KernelTable& kernels, PrepareScratch& scratch,
                   std::uint8_t* slot) {
  const RgbRows source(pixels, scratch.rgb);
  // Pillow's Image.resize makes very tall pictures shorter first.
  const bool very_tall = source.height() > 100 * static_cast<std::int64_t>(source.width()) &&
                         plan.height < source.height();
  if (very_tall) {
    const core::PixelView shortened = shorten(source, plan, kernels, scratch);
    store_rows(RgbRows(shortened, scratch.rgb), plan, kernels, scratch, slot);
  } else {
    store_rows(source, plan, kernels, scratch, slot);
  }
}

}  // namespace pixtok::transform
