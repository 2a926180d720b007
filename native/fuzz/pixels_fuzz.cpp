// Decoded pixels of any format and size that JavaScript may give, as any plan makes a row of them.

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/aligned_buffer.h"
#include "fuzz/drawn_plan.h"
#include "fuzz/prepared.h"

using namespace pixtok;

namespace {

using core::PixelFormat;

constexpr PixelFormat kFormats[] = {
    PixelFormat::kGrey, PixelFormat::kGreyAlpha, PixelFormat::kRgb,      PixelFormat::kRgba,
    PixelFormat::kCmyk, PixelFormat::kGrey16,    PixelFormat::kPlanarRgb};

// The input's bytes, again and again. Planes are followed by room that may be read, as the addon
// makes sure; other pixels by none.
std::vector<std::uint8_t> pixels_of(const std::vector<std::uint8_t>& bytes, std::size_t size,
                                    bool padded) {
  std::vector<std::uint8_t> pixels(size + (padded ? core::kTailPadding : 0));
  for (std::size_t i = 0; i < size && !bytes.empty(); ++i) pixels[i] = bytes[i % bytes.size()];
  pixels.shrink_to_fit();
  return pixels;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input(data, size);
  const transform::Plan plan = fuzz::draw_plan(input);
  const transform::Region region = fuzz::draw_region(input);
  transform::RawSample raw{};
  core::PixelView& view = raw.pixels;
  view.width = input.ConsumeIntegralInRange<int>(1, 300);
  view.height = input.ConsumeIntegralInRange<int>(1, 300);
  view.format = input.PickValueInArray(kFormats);
  raw.orientation = input.ConsumeIntegralInRange<int>(1, 8);
  const bool planar = core::is_planar(view.format);
  view.padded = planar || input.ConsumeBool();
  const std::size_t plane =
      static_cast<std::size_t>(view.width) * static_cast<std::size_t>(view.height);
  const std::size_t channels = planar ? 3 : core::bytes_per_pixel(view.format);
  const auto pixels =
      pixels_of(input.ConsumeRemainingBytes<std::uint8_t>(), plane * channels, view.padded);
  view.data = pixels.data();
  for (std::size_t i = 0; planar && i < 3; ++i) {
    view.planes[i] = {view.data + i * plane, static_cast<std::size_t>(view.width)};
  }
  fuzz::require_same_row(
      [&] {
        return transform::Sample{transform::RawSample{view, raw.orientation, nullptr}, region};
      },
      plan);
  return 0;
}
