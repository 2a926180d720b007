#include "decode/jpeg_decoder.h"

#include "decode/image_header.h"

namespace pixtok::decode {

namespace {

using core::PixelFormat;
using core::Status;
using core::StatusCode;

// Chroma that is not larger than this is repeated by libjpeg instead of interpolated.
constexpr int kMostRepeatedChroma = 2;

}  // namespace

Status JpegDecoder::open(const std::uint8_t* file, std::size_t size, std::int64_t max_pixels) {
  decompressor_.emplace(*library_, file, size);
  const Status status = decompressor_->read_header();
  if (!status.ok()) return status;
  if (width() <= 0 || height() <= 0) {
    return Status::failure(StatusCode::kCorruptImage, "the JPEG file holds no picture");
  }
  if (decompressor_->get(turbojpeg::kPrecision) != 8 ||
      decompressor_->get(turbojpeg::kLossless) == 1) {
    return Status::failure(StatusCode::kDeclined, "");
  }
  if (static_cast<std::int64_t>(width()) * height() > max_pixels) {
    return too_many_pixels(width(), height(), max_pixels);
  }
  return status;
}

Status JpegDecoder::decode(JpegOutput output, int shrink, core::PixelView& pixels) {
  if (output == JpegOutput::kPlanesWherePossible && shrink == 1) {
    const Status status = decode_planes(pixels);
    if (status.code != StatusCode::kDeclined) return status;
  }
  return decode_packed(shrink, pixels);
}

// kDeclined, with the decompressor as it was, for pictures that are not given as planes.
Status JpegDecoder::decode_planes(core::PixelView& pixels) {
  const Status declined = Status::failure(StatusCode::kDeclined, "");
  const int colorspace = decompressor_->get(turbojpeg::kColorspace);
  const bool grey = colorspace == turbojpeg::kGrey;
  if (!grey && colorspace != turbojpeg::kYcbcr) return declined;
  PixelFormat format = PixelFormat::kPlanarRgb;
  switch (decompressor_->get(turbojpeg::kSubsampling)) {
    case turbojpeg::kGreyOnly:
      break;
    case turbojpeg::k444:
      format = PixelFormat::kYcc444;
      break;
    case turbojpeg::k422:
      format = PixelFormat::kYcc422;
      break;
    case turbojpeg::k440:
      format = PixelFormat::kYcc440;
      break;
    case turbojpeg::k420:
      format = PixelFormat::kYcc420;
      break;
    default:
      return declined;
  }
  const bool half_width = core::has_half_width_chroma(format);
  const bool half_height = core::has_half_height_chroma(format);
  const int width = this->width();
  const int height = this->height();
  const int chroma_width = half_width ? (width + 1) / 2 : width;
  const int chroma_height = half_height ? (height + 1) / 2 : height;
  if (grey != (format == PixelFormat::kPlanarRgb)) return declined;
  if (half_width && chroma_width <= kMostRepeatedChroma) return declined;

  // Planes that are subsampled against come with even sides.
  const std::size_t luma_stride =
      core::round_up(half_width ? 2 * chroma_width : width, core::kAlignment);
  const std::size_t chroma_stride = core::round_up(chroma_width, core::kAlignment);
  const std::size_t luma_bytes = luma_stride * (half_height ? 2 * chroma_height : height);
  const std::size_t chroma_bytes = grey ? 0 : chroma_stride * chroma_height;
  // In front of each plane and behind the last one there is room that is read, but does not matter.
  constexpr std::size_t kGap = core::kTailPadding;
  std::uint8_t* memory = pixels_.reserve(3 * kGap + luma_bytes + 2 * chroma_bytes);
  std::uint8_t* planes[3] = {memory + kGap, memory + 2 * kGap + luma_bytes,
                             memory + 3 * kGap + luma_bytes + chroma_bytes};
  int strides[3] = {static_cast<int>(luma_stride), static_cast<int>(chroma_stride),
                    static_cast<int>(chroma_stride)};
  const Status status = decompressor_->decompress_planes(planes, strides);
  if (!status.ok()) return status;
  pixels = {nullptr, width, height, format, true};
  for (int i = 0; i < 3; ++i) {
    const int plane = grey ? 0 : i;
    pixels.planes[i] = {planes[plane], static_cast<std::size_t>(strides[plane])};
  }
  return status;
}

Status JpegDecoder::decode_packed(int shrink, core::PixelView& pixels) {
  const int colorspace = decompressor_->get(turbojpeg::kColorspace);
  const bool cmyk = colorspace == turbojpeg::kCmyk || colorspace == turbojpeg::kYcck;
  const auto format = cmyk ? PixelFormat::kInvertedCmyk : PixelFormat::kRgb;
  const int width = (this->width() + shrink - 1) / shrink;
  const int height = (this->height() + shrink - 1) / shrink;
  if (shrink > 1) decompressor_->shrink_by(shrink);
  std::uint8_t* target =
      pixels_.reserve(static_cast<std::size_t>(core::bytes_per_pixel(format)) *
                      static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  const Status status =
      decompressor_->decompress(target, cmyk ? turbojpeg::kPixelCmyk : turbojpeg::kPixelRgb);
  if (status.ok()) pixels = {target, width, height, format, true};
  return status;
}

}  // namespace pixtok::decode
