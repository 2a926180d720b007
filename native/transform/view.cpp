#include "transform/view.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "transform/source_rows.h"

namespace pixtok::transform {

namespace {

using core::PixelView;
using core::Status;
using core::StatusCode;

// How many elements from its start a view reaches, in doubles, which do not overflow.
double reach(const Cells& cells, kernels::Layout layout) {
  const bool interleaved = layout == kernels::Layout::kHwc;
  const double count = static_cast<double>(cells.across) * cells.down;
  const double planes = interleaved ? 1.0 : 3.0 * cells.copies;
  return (count - 1) * static_cast<double>(cells.cell_stride) +
         (planes - 1) * static_cast<double>(cells.plane_stride) +
         (cells.height - 1.0) * static_cast<double>(cells.row_stride) +
         static_cast<double>(cells.width) * (interleaved ? 3 : 1);
}

bool is_grid(const View& view, const Cells& cells) {
  const auto side = [](int cell, int number) { return static_cast<std::int64_t>(cell) * number; };
  return cells.width > 0 && cells.height > 0 && cells.across > 0 && cells.down > 0 &&
         cells.block > 0 && cells.copies > 0 && side(cells.width, cells.across) == view.width &&
         side(cells.height, cells.down) == view.height && cells.across % cells.block == 0 &&
         cells.down % cells.block == 0;
}

// Whether the numbers of an earlier view can be made as small as this one.
bool is_shrinkable(const View& view, const Views& views, const Plan& plan) {
  if (view.from < 0 || !view.cells || view.cells->across != 1 || view.cells->down != 1)
    return false;
  const View& from = views.views[static_cast<std::size_t>(view.from)];
  return plan.type == kernels::ElementType::kFloat32 && plan.layout == kernels::Layout::kChw &&
         !plan.blue_first && from.width % view.width == 0 && from.height % view.height == 0 &&
         view.cells->row_stride == static_cast<std::size_t>(view.width) &&
         view.cells->plane_stride ==
             static_cast<std::size_t>(view.width) * static_cast<std::size_t>(view.height);
}

// What a view is made by, in terms of a plan for all images.
Plan plan_of(const View& view, const Plan& plan) {
  Plan own = plan;
  own.geometry = {};
  own.geometry.resize = ResizeMode::kFixed;
  own.geometry.width = view.resized_width;
  own.geometry.height = view.resized_height;
  own.geometry.center_crop = true;
  own.geometry.crop_width = own.geometry.output_width = view.width;
  own.geometry.crop_height = own.geometry.output_height = view.height;
  own.cells = view.cells;
  if (!view.cells) {
    own.type = kernels::ElementType::kUint8;
    own.layout = kernels::Layout::kChw;
    own.blue_first = false;
  }
  return own;
}

PixelView planes_in(const std::uint8_t* memory, int width, int height) {
  const std::size_t bytes = core::bytes_of_pixels(core::PixelFormat::kPlanarRgb, width, height);
  return core::pixels_in({memory, bytes + core::kTailPadding}, 0, core::PixelFormat::kPlanarRgb,
                         width, height);
}

// Rows that several views read are converted once.
bool is_read_often(const Views& views) {
  const auto reads = [](const View& view) { return view.from < 0; };
  return std::count_if(views.views.begin(), views.views.end(), reads) > 1;
}

}  // namespace

bool are_sound(const Views& views, const Plan& plan, std::size_t target_bytes) {
  for (std::size_t i = 0; i < views.views.size(); ++i) {
    const View& view = views.views[i];
    if (view.from >= static_cast<int>(i)) return false;
    if (view.from >= 0 && views.views[static_cast<std::size_t>(view.from)].cells) return false;
    if (view.width < 1 || view.height < 1) return false;
    if (view.resized_width < 1 || view.resized_height < 1) return false;
    if (view.cubic && !is_shrinkable(view, views, plan)) return false;
    if (!view.cells) continue;
    if (!is_grid(view, *view.cells) || view.offset % plan.element_bytes() != 0) return false;
    const double end = static_cast<double>(view.offset) +
                       reach(*view.cells, plan.layout) * static_cast<double>(plan.element_bytes());
    if (end > static_cast<double>(target_bytes)) return false;
  }
  return std::all_of(views.zeros.begin(), views.zeros.end(), [&](const ZeroBytes& zeros) {
    return zeros.begin <= zeros.end && zeros.end <= target_bytes;
  });
}

void ViewScratch::trim(std::size_t keep_at_most) {
  for (core::ScratchBuffer& buffer : kept) buffer.trim(keep_at_most);
  planar.trim(keep_at_most);
}

Status prepare_views(const PixelView& pixels, const Views& views, const Plan& plan,
                     const kernels::KernelTable& kernels, ViewScratch& scratch,
                     PrepareScratch& prepare, std::uint8_t* target) {
  for (const ZeroBytes& zeros : views.zeros) {
    std::memset(target + zeros.begin, 0, zeros.end - zeros.begin);
  }
  const bool converts = pixels.format != core::PixelFormat::kPlanarRgb && is_read_often(views);
  const PixelView image =
      converts ? to_planar_rgb(pixels, kernels, prepare.source, scratch.planar) : pixels;
  if (scratch.kept.size() < views.views.size()) scratch.kept.resize(views.views.size());
  std::vector<PixelView> kept(views.views.size());
  for (std::size_t i = 0; i < views.views.size(); ++i) {
    const View& view = views.views[i];
    std::uint8_t* slot = target + view.offset;
    if (!view.cells) {
      slot = scratch.kept[i].reserve(
          core::bytes_of_pixels(core::PixelFormat::kPlanarRgb, view.width, view.height));
      kept[i] = planes_in(slot, view.width, view.height);
    }
    const PixelView& from = view.from < 0 ? image : kept[static_cast<std::size_t>(view.from)];
    if (view.cubic) {
      shrink_by_cubic(from, plan.normalizer, view.width, view.height, kernels.float_resize,
                      scratch.cubic, reinterpret_cast<float*>(slot));
      continue;
    }
    Region region;
    region.crop = view.crop;
    region.window = view.window;
    const Status status = prepare_image(from, region, plan_of(view, plan), kernels, prepare, slot);
    if (!status.ok()) return status;
  }
  return Status::success();
}

}  // namespace pixtok::transform
