#include "transform/prepare_image.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>

#include "transform/content_rows.h"
#include "transform/operations/erase.h"
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
                   ContentRows& content) {
  const bool whole_rows = columns.size() == placement.content_width;
  const int width = placement.content_width;
  const std::size_t framed_stride = static_cast<std::size_t>(width);
  std::uint8_t* framed = scratch.row.reserve(3 * framed_stride);
  paint(framed, framed_stride, fill);
  const int height = placement.content_height;
  const bool nothing_visible = columns.size() <= 0 || rows.size() <= 0;
  for (int y = 0; y < (nothing_visible ? height : rows.offset); ++y) {
    content.store(y, framed, framed_stride);
  }
  if (nothing_visible) return;

  ResampledRows resampled(source, horizontal, vertical, plan.filter, plan.resampler, kernels,
                          scratch.resample);
  const int before = horizontal.reversed ? width - columns.offset - columns.size() : columns.offset;
  for (int y = 0; y < rows.size(); ++y) {
    const std::uint8_t* row = resampled.row(y);
    if (whole_rows) {
      content.store(rows.offset + y, row, resampled.plane_stride());
      continue;
    }
    for (std::size_t channel = 0; channel < 3; ++channel) {
      std::memcpy(framed + channel * framed_stride + static_cast<std::size_t>(before),
                  row + channel * resampled.plane_stride(),
                  static_cast<std::size_t>(columns.size()));
    }
    content.store(rows.offset + y, framed, framed_stride);
  }
  paint(framed, framed_stride, fill);
  for (int y = rows.offset + rows.size(); y < height; ++y) {
    content.store(y, framed, framed_stride);
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
                 const Visible& rows, ContentRows& content) {
  const auto width = static_cast<std::size_t>(placement.content_width);
  const bool one_piece =
      pixels.planes[0].stride == width && pixels.width == placement.content_width;
  const int at_once = one_piece ? placement.content_height : 1;
  const std::uint8_t* planes[3];
  for (int y = 0; y < placement.content_height; y += at_once) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const core::PlaneView& plane = pixels.planes[channel];
      planes[channel] =
          plane.data + static_cast<std::size_t>(rows.begin + y) * plane.stride + columns.begin;
    }
    content.store(y, planes, at_once);
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

// The part that is resized.
struct Box {
  float left;
  float top;
  float right;
  float bottom;

  bool is_inside(int width, int height) const {
    return left >= 0 && top >= 0 && bottom > top && right <= static_cast<float>(width) &&
           bottom <= static_cast<float>(height);
  }
};

Status not_inside(const std::string& part, int width, int height) {
  return Status::failure(StatusCode::kDoesNotFit, "the " + part + " is not inside the image of " +
                                                      std::to_string(width) + "x" +
                                                      std::to_string(height));
}

// Of numbers: after everything else.
Status erase_parts(const Region& region, const Plan& plan, std::uint8_t* slot) {
  for (const Operation& operation : region.operations) {
    if (operation.kind != OperationKind::kErase) continue;
    const Status erased = erase(Erasure::of(operation), region.key, plan, slot);
    if (!erased.ok()) return erased;
  }
  return Status::success();
}

}  // namespace

void PrepareScratch::trim(std::size_t keep_at_most) {
  source.trim(keep_at_most);
  shortened.trim(keep_at_most);
  row.trim(keep_at_most);
  cells.trim(keep_at_most);
  resample.trim(keep_at_most);
  operations.trim(keep_at_most);
}

Status prepare_image(const core::PixelView& pixels, const Region& region, const Plan& plan,
                     const kernels::KernelTable& kernels, PrepareScratch& scratch,
                     std::uint8_t* slot) {
  scratch.normalizing.reset();
  const PixelRect& crop = region.crop;
  if (!crop.is_inside(pixels.width, pixels.height)) {
    return not_inside("crop", pixels.width, pixels.height);
  }
  const SourceRows whole(pixels, kernels, scratch.source);
  const SourceRows source =
      crop.empty() ? whole : whole.cropped(crop.left, crop.top, crop.width, crop.height);
  const int width = source.width();
  const int height = source.height();
  const Box box = region.has_box()
                      ? Box{region.left, region.top, region.right, region.bottom}
                      : Box{0.0F, 0.0F, static_cast<float>(width), static_cast<float>(height)};
  if (!box.is_inside(width, height)) return not_inside("box", width, height);
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

  const auto make_content = [&](ContentRows& content) {
    if (is_ready(pixels, region, horizontal, vertical, placement, columns, rows)) {
      return store_ready(pixels, placement, columns, rows, content);
    }
    const bool vertical_first = is_vertical_first(
        plan.resampler, width, height, placement.resized_width, placement.resized_height);
    if (!vertical_first || rows.size() <= 0) {
      return store_content(source, horizontal, vertical, placement, columns, rows, window.fill,
                           plan, kernels, scratch, content);
    }
    const core::PixelView shortened = shorten(source, vertical, plan, kernels, scratch);
    const SourceRows short_rows(shortened, kernels, scratch.source);
    store_content(short_rows, horizontal, AxisResize::whole(shortened.height, shortened.height),
                  placement, columns, rows, window.fill, plan, kernels, scratch, content);
  };

  const int content_width = placement.content_width;
  const int content_height = placement.content_height;
  SlotRows slot_rows(plan, kernels, content_width, content_height, scratch.cells,
                     scratch.normalizing, slot);
  if (region.operations.empty()) {
    make_content(slot_rows);
    return Status::success();
  }
  ByteImage image = ByteImage::in(scratch.operations.image, content_width, content_height);
  ImageRows image_rows(image);
  make_content(image_rows);
  const Status changed = apply_operations(region.operations, kernels, scratch.operations, image);
  if (!changed.ok()) return changed;
  const std::uint8_t* const planes[] = {image.plane(0), image.plane(1), image.plane(2)};
  slot_rows.store(0, planes, content_height);
  return erase_parts(region, plan, slot);
}

}  // namespace pixtok::transform
