#include "transform/source_rows.h"

#include <algorithm>
#include <cstring>

namespace pixtok::transform {

namespace {

using core::PixelFormat;
using core::PixelView;

constexpr int kChannels = 3;

std::size_t plane_bytes(int width) {
  return core::round_up(static_cast<std::size_t>(width), core::kAlignment);
}

// One byte of grey a pixel, or the red, green and blue that a pixel starts with.
void split_channels(const std::uint8_t* source, int width, int bytes, std::uint8_t* const* planes) {
  const int apart = bytes < kChannels ? 0 : 1;
  for (int channel = 0; channel < kChannels; ++channel) {
    const std::uint8_t* from = source + channel * apart;
    for (int x = 0; x < width; ++x, from += bytes) planes[channel][x] = *from;
  }
}

// What a palette has for each index; its alpha is dropped.
void look_up(const std::uint8_t* indices, int width, const core::Palette& palette,
             std::uint8_t* const* planes) {
  std::uint8_t* red = planes[0];
  std::uint8_t* green = planes[1];
  std::uint8_t* blue = planes[2];
  for (int x = 0; x < width; ++x) {
    const auto& colour = palette[indices[x]];
    red[x] = colour[0];
    green[x] = colour[1];
    blue[x] = colour[2];
  }
}

// (255 - K) - m(C, 255 - K) with m(a, b) = (t + (t >> 8)) >> 8, t = a * b + 128. `flip` is 0, or
// 255 where bytes are stored inverted.
void convert_cmyk(const std::uint8_t* source, int width, int flip, std::uint8_t* const* planes) {
  for (int x = 0; x < width; ++x, source += 4) {
    const int light = 255 - (source[3] ^ flip);
    for (int channel = 0; channel < kChannels; ++channel) {
      const int product = (source[channel] ^ flip) * light + 128;
      planes[channel][x] =
          static_cast<std::uint8_t>(std::max(0, light - ((product + (product >> 8)) >> 8)));
    }
  }
}

// Pillow clips 16-bit grey rather than scale it.
void convert_grey16(const std::uint8_t* source, int width, std::uint8_t* const* planes) {
  for (int x = 0; x < width; ++x) {
    std::uint16_t value = 0;
    std::memcpy(&value, source + 2 * x, sizeof value);
    for (int channel = 0; channel < kChannels; ++channel) {
      planes[channel][x] = static_cast<std::uint8_t>(std::min<int>(value, 255));
    }
  }
}

}  // namespace

void SourceScratch::trim(std::size_t keep_at_most) {
  chroma.trim(keep_at_most);
  guarded.trim(keep_at_most);
  shifted.trim(keep_at_most);
}

void SourceRows::read(int y, int begin, int end, std::uint8_t* const* planes) const {
  const int row = y + top_;
  const int left = begin + left_;
  const int right = end + left_;
  if (!core::is_planar(view_.format)) {
    read_packed(row, left, right, planes);
  } else if (view_.format == PixelFormat::kPlanarRgb) {
    for (int channel = 0; channel < kChannels; ++channel) {
      const core::PlaneView& plane = view_.planes[channel];
      std::memcpy(planes[channel], plane.data + row * plane.stride + left,
                  static_cast<std::size_t>(right - left));
    }
  } else if (left % 2 == 0 || !core::has_half_width_chroma(view_.format)) {
    read_ycc(row, left, right, planes);
  } else {
    // Two pixels share a sample of chroma: the row is read from the first of them on.
    const std::size_t stride = plane_bytes(right - left + 1);
    std::uint8_t* memory = scratch_.shifted.reserve(kChannels * stride);
    std::uint8_t* const shifted[] = {memory, memory + stride, memory + 2 * stride};
    read_ycc(row, left - 1, right, shifted);
    for (int channel = 0; channel < kChannels; ++channel) {
      std::memcpy(planes[channel], shifted[channel] + 1, static_cast<std::size_t>(right - left));
    }
  }
}

void SourceRows::read_packed(int y, int begin, int end, std::uint8_t* const* planes) const {
  const int bytes = core::bytes_per_pixel(view_.format);
  const int width = end - begin;
  const std::uint8_t* pixels =
      view_.data + (static_cast<std::size_t>(y) * view_.width + begin) * bytes;
  switch (view_.format) {
    case PixelFormat::kRgb:
      read_rgb(pixels, width, planes);
      break;
    case PixelFormat::kCmyk:
      convert_cmyk(pixels, width, 0, planes);
      break;
    case PixelFormat::kInvertedCmyk:
      convert_cmyk(pixels, width, 255, planes);
      break;
    case PixelFormat::kIndexed:
      look_up(pixels, width, *view_.palette, planes);
      break;
    case PixelFormat::kGrey16:
      convert_grey16(pixels, width, planes);
      break;
    default:
      split_channels(pixels, width, bytes, planes);
      break;
  }
}

void SourceRows::read_rgb(const std::uint8_t* pixels, int width,
                          std::uint8_t* const* planes) const {
  const std::size_t bytes = kChannels * static_cast<std::size_t>(width);
  const std::uint8_t* end =
      view_.data + kChannels * static_cast<std::size_t>(view_.width) * view_.height;
  if (!view_.padded && pixels + bytes + core::kTailPadding > end) {
    std::uint8_t* guarded = scratch_.guarded.reserve(bytes);
    std::memcpy(guarded, pixels, bytes);
    pixels = guarded;
  }
  kernels_.colour.split_rgb(pixels, width, planes);
}

// Precondition: where chroma has half the width, `begin` is even.
void SourceRows::read_ycc(int y, int begin, int end, std::uint8_t* const* planes) const {
  const std::uint8_t* luma = view_.planes[0].data + y * view_.planes[0].stride + begin;
  const std::uint8_t* cb = chroma_row(1, y, begin, end);
  const std::uint8_t* cr = chroma_row(2, y, begin, end);
  kernels_.colour.ycc_to_rgb(luma, cb, cr, end - begin, planes);
}

// Columns [begin, end) of a chroma component at full resolution.
const std::uint8_t* SourceRows::chroma_row(int component, int y, int begin, int end) const {
  const core::PlaneView& plane = view_.planes[component];
  const bool half_width = core::has_half_width_chroma(view_.format);
  const bool half_height = core::has_half_height_chroma(view_.format);
  if (!half_width && !half_height) return plane.data + y * plane.stride + begin;

  const std::size_t stride = plane_bytes(view_.width + 1) + core::kTailPadding;
  std::uint8_t* target = scratch_.chroma.reserve(2 * stride) + (component - 1) * stride;
  const int first = half_width ? begin / 2 : begin;
  const int width = half_width ? (end + 1) / 2 - first : end - begin;
  const std::uint8_t* near_row = plane.data + (half_height ? y / 2 : y) * plane.stride + first;
  const std::uint8_t* far_row = near_row;
  const bool below = y % 2 == 1;
  if (half_height) {
    const int last = (view_.height + 1) / 2 - 1;
    const int far_y = std::clamp(below ? y / 2 + 1 : y / 2 - 1, 0, last);
    far_row = plane.data + far_y * plane.stride + first;
  }
  if (!half_width) {
    kernels_.colour.upsample_down(near_row, far_row, below ? 2 : 1, width, target);
    return target;
  }
  // At the image's sides the outermost samples stand for those that would be beyond them.
  const int beyond = (view_.width + 1) / 2;
  if (half_height) {
    kernels_.colour.upsample_both(near_row, far_row, width, target);
    const auto edge = [&](int x) { return 3 * near_row[x] + far_row[x]; };
    if (first == 0) target[0] = static_cast<std::uint8_t>((edge(0) + 2) >> 2);
    if (first + width == beyond) {
      target[2 * width - 1] = static_cast<std::uint8_t>((edge(width - 1) + 1) >> 2);
    }
  } else {
    kernels_.colour.upsample_across(near_row, width, target);
    if (first == 0) target[0] = near_row[0];
    if (first + width == beyond) target[2 * width - 1] = near_row[width - 1];
  }
  return target;
}

core::PixelView to_planar_rgb(const PixelView& view, const kernels::KernelTable& kernels,
                              SourceScratch& scratch, core::ScratchBuffer& target) {
  const SourceRows source(view, kernels, scratch);
  const std::size_t stride = plane_bytes(view.width);
  const std::size_t plane = stride * static_cast<std::size_t>(view.height);
  std::uint8_t* memory = target.reserve(kChannels * plane);
  for (int y = 0; y < view.height; ++y) {
    std::uint8_t* row = memory + static_cast<std::size_t>(y) * stride;
    std::uint8_t* const planes[] = {row, row + plane, row + 2 * plane};
    source.read(y, 0, view.width, planes);
  }
  PixelView converted{nullptr, view.width, view.height, PixelFormat::kPlanarRgb, true};
  for (std::size_t channel = 0; channel < kChannels; ++channel) {
    converted.planes[channel] = {memory + channel * plane, stride};
  }
  return converted;
}

}  // namespace pixtok::transform
