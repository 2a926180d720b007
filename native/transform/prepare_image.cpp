#include "transform/prepare_image.h"

#include <algorithm>
#include <array>
#include <climits>
#include <cstddef>
#include <cstring>
#include <string>

#include "transform/source_rows.h"

namespace pixtok::transform {

namespace {

using core::Status;
using core::StatusCode;

// The part of an axis of the resized image that the content shows, and where it starts there.
struct Visible {
  int begin;
  int end;
  int offset;  // pixels of the content before it

  Visible(int content_start, int content_size, int resized_size)
      : begin(std::clamp(content_start, 0, resized_size)),
        end(std::clamp(content_start + content_size, 0, resized_size)),
        offset(std::max(0, -content_start)) {}

  int size() const { return end - begin; }
};

// Writes rows of the content into a slot, and zeros where the output is larger.
class Slot {
 public:
  Slot(const Plan& plan, const kernels::KernelTable& kernels, const Placement& placement,
       std::uint8_t* memory)
      : plan_(plan),
        store_(kernels.normalize.store(plan.type, plan.layout)),
        content_width_(placement.content_width),
        chw_(plan.layout == kernels::Layout::kChw),
        memory_(memory) {
    const bool padded = placement.content_width < plan.geometry.output_width ||
                        placement.content_height < plan.geometry.output_height;
    // all zero bits are 0 in every element type
    if (padded) std::memset(memory_, 0, plan.slot_bytes());
  }

  // `row` is three planes, `plane_stride` apart.
  void store_row(int y, const std::uint8_t* row, std::size_t plane_stride) {
    const std::uint8_t* const planes[] = {row, row + plane_stride, row + 2 * plane_stride};
    store_row(y, planes);
  }

  void store_row(int y, const std::uint8_t* const* planes) { store(y, planes, content_width_); }

  // A whole content, row after row without gaps. Precondition: there is nothing beside it in the
  // output, and its pixels are no more than an int counts.
  void store_all(const std::uint8_t* const* planes, int height) {
    store(0, planes, content_width_ * height);
  }

 private:
  void store(int y, const std::uint8_t* const* planes, int pixels) {
    const std::uint8_t* const turned[] = {planes[2], planes[1], planes[0]};
    const std::size_t channels = chw_ ? 1 : 3;
    const std::size_t row_elements =
        channels * static_cast<std::size_t>(plan_.geometry.output_width);
    store_(plan_.blue_first ? turned : planes, pixels, plan_.normalizer,
           memory_ + y * row_elements * plan_.element_bytes(), plan_.plane_elements());
  }

  const Plan& plan_;
  const kernels::StoreRow store_;
  const int content_width_;
  const bool chw_;
  std::uint8_t* const memory_;
};

// All pixels of three planes in one colour.
void paint(std::uint8_t* planes, std::size_t stride, const std::array<std::uint8_t, 3>& colour) {
  for (const std::uint8_t value : colour) {
    std::memset(planes, value, stride);
    planes += stride;
  }
}

void store_content(const SourceRows& source, const AxisResize& horizontal,
                   const AxisResize& vertical, const Placement& placement, const Visible& columns,
                   const Visible& rows, const std::array<std::uint8_t, 3>& fill, const Plan& plan,
                   const kernels::KernelTable& kernels, PrepareScratch& scratch,
                   std::uint8_t* memory) {
  Slot slot(plan, kernels, placement, memory);
  const bool whole_rows = columns.size() == placement.content_width;
  const int width = placement.content_width;
  const std::size_t framed_stride = static_cast<std::size_t>(width);
  std::uint8_t* framed = scratch.row.reserve(3 * framed_stride);
  paint(framed, framed_stride, fill);
  const int height = placement.content_height;
  const bool nothing_visible = columns.size() <= 0 || rows.size() <= 0;
  for (int y = 0; y < (nothing_visible ? height : rows.offset); ++y) {
    slot.store_row(y, framed, framed_stride);
  }
  if (nothing_visible) return;

  ResampledRows resampled(source, horizontal, vertical, plan.filter, plan.resampler, kernels,
                          scratch.resample);
  const int before = horizontal.reversed ? width - columns.offset - columns.size() : columns.offset;
  for (int y = 0; y < rows.size(); ++y) {
    const std::uint8_t* row = resampled.row(y);
    if (whole_rows) {
      slot.store_row(rows.offset + y, row, resampled.plane_stride());
      continue;
    }
    for (std::size_t channel = 0; channel < 3; ++channel) {
      std::memcpy(framed + channel * framed_stride + static_cast<std::size_t>(before),
                  row + channel * resampled.plane_stride(),
                  static_cast<std::size_t>(columns.size()));
    }
    slot.store_row(rows.offset + y, framed, framed_stride);
  }
  paint(framed, framed_stride, fill);
  for (int y = rows.offset + rows.size(); y < height; ++y) {
    slot.store_row(y, framed, framed_stride);
  }
}

// Whether the content is a part of the image's own planes, to be normalized where they are.
bool is_ready(const core::PixelView& pixels, const Region& region, const AxisResize& horizontal,
              const AxisResize& vertical, const Placement& placement, const Visible& columns,
              const Visible& rows) {
  return pixels.format == core::PixelFormat::kPlanarRgb && pixels.padded && region.crop.empty() &&
         !region.flip && horizontal.is_identity() && vertical.is_identity() &&
         columns.size() == placement.content_width && rows.size() == placement.content_height;
}

void store_ready(const core::PixelView& pixels, const Placement& placement, const Visible& columns,
                 const Visible& rows, const Plan& plan, const kernels::KernelTable& kernels,
                 std::uint8_t* memory) {
  Slot slot(plan, kernels, placement, memory);
  const core::PlaneView& red = pixels.planes[0];
  const auto width = static_cast<std::size_t>(placement.content_width);
  const bool one_piece = red.stride == width && pixels.width == placement.content_width &&
                         plan.geometry.output_width == placement.content_width &&
                         width * static_cast<std::size_t>(placement.content_height) <= INT_MAX;
  const std::uint8_t* planes[3];
  for (int y = 0; y < placement.content_height; ++y) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const core::PlaneView& plane = pixels.planes[channel];
      planes[channel] =
          plane.data + static_cast<std::size_t>(rows.begin + y) * plane.stride + columns.begin;
    }
    if (one_piece) return slot.store_all(planes, placement.content_height);
    slot.store_row(y, planes);
  }
}

// The vertical pass alone, of all columns.
core::PixelView shorten(const SourceRows& source, const AxisResize& vertical, const Plan& plan,
                        const kernels::KernelTable& kernels, PrepareScratch& scratch) {
  const AxisResize same = AxisResize::whole(source.width(), source.width());
  ResampledRows rows(source, same, vertical, plan.filter, plan.resampler, kernels,
                     scratch.resample);
  const std::size_t row_bytes = 3 * rows.plane_stride();
  std::uint8_t* target = scratch.shortened.reserve(row_bytes * vertical.wanted());
  for (int y = 0; y < vertical.wanted(); ++y) {
    std::memcpy(target + y * row_bytes, rows.row(y), row_bytes);
  }
  core::PixelView view{nullptr, source.width(), vertical.wanted(), core::PixelFormat::kPlanarRgb,
                       true};
  for (std::size_t channel = 0; channel < 3; ++channel) {
    view.planes[channel] = {target + channel * rows.plane_stride(), row_bytes};
  }
  return view;
}

AxisResize axis(int in, int out, const Visible& visible, float box_start, float box_end,
                bool reversed) {
  return {in, out, visible.begin, visible.end, box_start, box_end, reversed};
}

bool is_inside(const Region& region, int width, int height) {
  return region.left >= 0 && region.top >= 0 && region.bottom > region.top &&
         region.right <= static_cast<float>(width) && region.bottom <= static_cast<float>(height);
}

Status not_inside(const std::string& part, int width, int height) {
  return Status::failure(StatusCode::kDoesNotFit, "the " + part + " is not inside the image of " +
                                                      std::to_string(width) + "x" +
                                                      std::to_string(height));
}

}  // namespace

void PrepareScratch::trim(std::size_t keep_at_most) {
  source.trim(keep_at_most);
  shortened.trim(keep_at_most);
  row.trim(keep_at_most);
  resample.trim(keep_at_most);
}

Status prepare_image(const core::PixelView& pixels, const Region& region, const Plan& plan,
                     const kernels::KernelTable& kernels, PrepareScratch& scratch,
                     std::uint8_t* slot) {
  const PixelRect& crop = region.crop;
  if (!crop.is_inside(pixels.width, pixels.height)) {
    return not_inside("crop", pixels.width, pixels.height);
  }
  const SourceRows whole(pixels, kernels, scratch.source);
  const SourceRows source =
      crop.empty() ? whole : whole.cropped(crop.left, crop.top, crop.width, crop.height);
  const int width = source.width();
  const int height = source.height();
  Region box = region;
  if (!region.has_box()) {
    box.right = static_cast<float>(width);
    box.bottom = static_cast<float>(height);
  }
  if (!is_inside(box, width, height)) return not_inside("box", width, height);
  Placement placement;
  const Status placed = place(plan.geometry, static_cast<int>(box.right - box.left),
                              static_cast<int>(box.bottom - box.top), placement);
  if (!placed.ok()) return placed;
  const Window window = region.window.value_or(Window{placement.left, placement.top, {}});
  placement.left = window.left;
  placement.top = window.top;

  const Visible columns(placement.left, placement.content_width, placement.resized_width);
  const Visible rows(placement.top, placement.content_height, placement.resized_height);
  const AxisResize horizontal =
      axis(width, placement.resized_width, columns, box.left, box.right, region.flip);
  const AxisResize vertical =
      axis(height, placement.resized_height, rows, box.top, box.bottom, false);

  if (is_ready(pixels, region, horizontal, vertical, placement, columns, rows)) {
    store_ready(pixels, placement, columns, rows, plan, kernels, slot);
    return Status::success();
  }

  const bool vertical_first = is_vertical_first(plan.resampler, width, height,
                                                placement.resized_width, placement.resized_height);
  if (vertical_first && plan.filter != Filter::kNearest && rows.size() > 0) {
    const core::PixelView shortened = shorten(source, vertical, plan, kernels, scratch);
    const SourceRows short_rows(shortened, kernels, scratch.source);
    store_content(short_rows, horizontal, AxisResize::whole(shortened.height, shortened.height),
                  placement, columns, rows, window.fill, plan, kernels, scratch, slot);
  } else {
    store_content(source, horizontal, vertical, placement, columns, rows, window.fill, plan,
                  kernels, scratch, slot);
  }
  return Status::success();
}

}  // namespace pixtok::transform
