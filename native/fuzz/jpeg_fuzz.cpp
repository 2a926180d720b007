// JPEG files to pixels, in every way that the decoder has. An image that counts as decoded must
// not show what its memory held before.

#include <cstring>
#include <optional>
#include <vector>

#include "core/pixel_view.h"
#include "decode/jpeg_decoder.h"
#include "decode/jpeg_header.h"
#include "fuzz/drawn_plan.h"
#include "fuzz/jpeg_in_use.h"
#include "fuzz/require.h"
#include "kernels/kernel_table.h"

using namespace pixtok;

namespace {

using Bytes = std::vector<std::uint8_t>;

// One component's rows.
struct Plane {
  std::uint8_t* data;
  std::size_t stride;
  std::size_t width;
  std::size_t height;
};

std::vector<Plane> planes_of(const core::PixelView& view) {
  const auto width = static_cast<std::size_t>(view.width);
  const auto height = static_cast<std::size_t>(view.height);
  // It is the decoder's scratch memory, which nothing else reads.
  const auto writable = [](const std::uint8_t* data) { return const_cast<std::uint8_t*>(data); };
  if (!core::is_planar(view.format)) {
    const std::size_t row = width * core::bytes_per_pixel(view.format);
    return {{writable(view.data), row, row, height}};
  }
  std::vector<Plane> planes;
  for (int i = 0; i < 3; ++i) {
    const bool half_width = i > 0 && core::has_half_width_chroma(view.format);
    const bool half_height = i > 0 && core::has_half_height_chroma(view.format);
    planes.push_back({writable(view.planes[i].data), view.planes[i].stride,
                      half_width ? (width + 1) / 2 : width,
                      half_height ? (height + 1) / 2 : height});
  }
  return planes;
}

Bytes visible_bytes(const core::PixelView& view) {
  Bytes bytes;
  for (const Plane& plane : planes_of(view)) {
    for (std::size_t y = 0; y < plane.height; ++y) {
      const std::uint8_t* row = plane.data + y * plane.stride;
      bytes.insert(bytes.end(), row, row + plane.width);
    }
  }
  return bytes;
}

void paint_over(const core::PixelView& view) {
  for (const Plane& plane : planes_of(view)) {
    for (std::size_t y = 0; y < plane.height; ++y) {
      std::memset(plane.data + y * plane.stride, 0xA5, plane.width);
    }
  }
}

std::optional<core::PixelView> decoded(decode::JpegDecoder& decoder, const Bytes& file,
                                       decode::JpegOutput output, int shrink) {
  const core::Bytes bytes{file.data(), file.size()};
  decode::JpegHeader header;
  if (!decode::read_jpeg_header(bytes, header).ok()) return std::nullopt;
  if (std::int64_t{header.width} * header.height > fuzz::kMaxPixels) return std::nullopt;
  core::PixelView pixels;
  if (!decoder.open(bytes, header).ok()) return std::nullopt;
  if (!decoder.decode(output, shrink, pixels).ok()) return std::nullopt;
  return pixels;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input(data, size);
  const auto output =
      input.ConsumeBool() ? decode::JpegOutput::kPlanesWherePossible : decode::JpegOutput::kPacked;
  constexpr int kShrinks[] = {1, 1, 1, 2, 4, 8};
  const int shrink = input.PickValueInArray(kShrinks);
  const Bytes file = input.ConsumeRemainingBytes<std::uint8_t>();
  decode::JpegDecoder decoder(fuzz::jpeg_in_use(), kernels::chosen().idct);
  const auto pixels = decoded(decoder, file, output, shrink);
  if (!pixels) return 0;
  const Bytes first = visible_bytes(*pixels);
  paint_over(*pixels);
  const auto again = decoded(decoder, file, output, shrink);
  REQUIRE(again.has_value());
  REQUIRE(visible_bytes(*again) == first);
  return 0;
}
