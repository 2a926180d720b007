#include "decode/jpeg/jpeg_planes.h"

namespace pixtok::decode {

bool is_given_as_planes(core::PixelFormat format, int width) {
  constexpr int kMostRepeatedChroma = 2;
  return !core::has_half_width_chroma(format) || (width + 1) / 2 > kMostRepeatedChroma;
}

void JpegPlanes::reserve(core::PixelFormat format, int width, int height) {
  // Of a unit of a scan, at the most.
  constexpr std::size_t kUnit = 16;
  format_ = format;
  width_ = width;
  height_ = height;
  const bool grey = format == core::PixelFormat::kPlanarRgb;
  const std::size_t columns = core::round_up(static_cast<std::size_t>(width), kUnit);
  const std::size_t rows = core::round_up(static_cast<std::size_t>(height), kUnit);
  const std::size_t chroma_columns = core::has_half_width_chroma(format) ? columns / 2 : columns;
  const std::size_t chroma_rows = core::has_half_height_chroma(format) ? rows / 2 : rows;
  const std::size_t luma_stride = core::round_up(columns, core::kAlignment);
  const std::size_t chroma_stride = core::round_up(chroma_columns, core::kAlignment);
  const std::size_t luma_bytes = luma_stride * rows;
  const std::size_t chroma_bytes = grey ? 0 : chroma_stride * chroma_rows;
  // In front of each plane and behind the last one there is room that is read, but does not matter.
  constexpr std::size_t kGap = core::kTailPadding;
  std::uint8_t* memory = memory_.reserve(3 * kGap + luma_bytes + 2 * chroma_bytes);
  planes_[0] = memory + kGap;
  planes_[1] = grey ? planes_[0] : planes_[0] + luma_bytes + kGap;
  planes_[2] = grey ? planes_[0] : planes_[1] + chroma_bytes + kGap;
  strides_ = {luma_stride, grey ? luma_stride : chroma_stride, grey ? luma_stride : chroma_stride};
}

core::PixelView JpegPlanes::view() const {
  core::PixelView view{nullptr, width_, height_, format_, true};
  for (std::size_t i = 0; i < planes_.size(); ++i) view.planes[i] = {planes_[i], strides_[i]};
  return view;
}

}  // namespace pixtok::decode
