#include "decode/jpeg_decoder.h"

#include <cstring>
#include <vector>

#include "decode/jpeg_verdict.h"

namespace pixtok::decode {

namespace {

using core::PixelFormat;
using core::Status;
using core::StatusCode;

// Chroma that is not larger than this is repeated by libjpeg instead of interpolated.
constexpr int kMostRepeatedChroma = 2;

Status declined() { return Status::failure(StatusCode::kDeclined, ""); }

// Precondition: not planar.
std::size_t bytes_of(const core::PixelView& pixels) {
  return static_cast<std::size_t>(core::bytes_per_pixel(pixels.format)) *
         static_cast<std::size_t>(pixels.width) * static_cast<std::size_t>(pixels.height);
}

}  // namespace

Status JpegDecoder::open(core::Bytes file, const JpegHeader& header) {
  file_ = file;
  decompressor_.emplace(*library_, file.data, file.size);
  if (!decompressor_->read_header()) {
    const Status verdict = judge_jpeg(file);
    if (!verdict.ok()) return verdict;
  }
  const bool same = width() == header.width && height() == header.height;
  const bool reads = decompressor_->get(turbojpeg::kPrecision) == 8 &&
                     decompressor_->get(turbojpeg::kLossless) != 1;
  return same && reads ? Status::success() : declined();
}

Status JpegDecoder::decode(JpegOutput output, int shrink, core::PixelView& pixels) {
  const bool planes =
      output == JpegOutput::kPlanesWherePossible && shrink == 1 && planes_format().has_value();
  if (planes ? decode_planes(pixels) : decode_packed(shrink, pixels, std::nullopt)) {
    return Status::success();
  }
  const Status verdict = judge_jpeg(file_);
  return verdict.ok() ? decode_damaged(shrink, pixels) : verdict;
}

// What the library has not written shows: memory filled in two ways does not become the same.
Status JpegDecoder::decode_damaged(int shrink, core::PixelView& pixels) {
  const auto decode_anew = [&](std::uint8_t filling) {
    decompressor_.emplace(*library_, file_.data, file_.size);  // see there
    (void)decompressor_->read_header();
    (void)decode_packed(shrink, pixels, filling);
  };
  decode_anew(0x00);
  const std::size_t bytes = bytes_of(pixels);
  const std::vector<std::uint8_t> first(pixels.data, pixels.data + bytes);
  decode_anew(0xFF);
  return std::memcmp(first.data(), pixels.data, bytes) == 0 ? Status::success() : declined();
}

// Nothing for images that are not given as planes.
std::optional<PixelFormat> JpegDecoder::planes_format() const {
  const int subsampling = decompressor_->get(turbojpeg::kSubsampling);
  switch (decompressor_->get(turbojpeg::kColorspace)) {
    case turbojpeg::kGrey:
      if (subsampling == turbojpeg::kGreyOnly) return PixelFormat::kPlanarRgb;
      break;
    case turbojpeg::kYcbcr:
      if (subsampling == turbojpeg::k444) return PixelFormat::kYcc444;
      if (subsampling == turbojpeg::k440) return PixelFormat::kYcc440;
      if ((width() + 1) / 2 <= kMostRepeatedChroma) break;
      if (subsampling == turbojpeg::k422) return PixelFormat::kYcc422;
      if (subsampling == turbojpeg::k420) return PixelFormat::kYcc420;
      break;
    default:
      break;
  }
  return std::nullopt;
}

// Precondition: there is a planes_format().
bool JpegDecoder::decode_planes(core::PixelView& pixels) {
  const PixelFormat format = *planes_format();
  const bool grey = format == PixelFormat::kPlanarRgb;
  const bool half_width = core::has_half_width_chroma(format);
  const bool half_height = core::has_half_height_chroma(format);
  const int width = this->width();
  const int height = this->height();
  const int chroma_width = half_width ? (width + 1) / 2 : width;
  const int chroma_height = half_height ? (height + 1) / 2 : height;

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
  if (!decompressor_->decompress_planes(planes, strides)) return false;
  pixels = {nullptr, width, height, format, true};
  for (int i = 0; i < 3; ++i) {
    const int plane = grey ? 0 : i;
    pixels.planes[i] = {planes[plane], static_cast<std::size_t>(strides[plane])};
  }
  return true;
}

// `pixels` is there even where the library complains.
bool JpegDecoder::decode_packed(int shrink, core::PixelView& pixels,
                                std::optional<std::uint8_t> filling) {
  const int colorspace = decompressor_->get(turbojpeg::kColorspace);
  const bool cmyk = colorspace == turbojpeg::kCmyk || colorspace == turbojpeg::kYcck;
  const auto format = cmyk ? PixelFormat::kInvertedCmyk : PixelFormat::kRgb;
  const int width = (this->width() + shrink - 1) / shrink;
  const int height = (this->height() + shrink - 1) / shrink;
  if (shrink > 1) decompressor_->shrink_by(shrink);
  pixels = {nullptr, width, height, format, true};
  const std::size_t bytes = bytes_of(pixels);
  std::uint8_t* target = pixels_.reserve(bytes);
  pixels.data = target;
  if (filling) std::memset(target, *filling, bytes);
  return decompressor_->decompress(target, cmyk ? turbojpeg::kPixelCmyk : turbojpeg::kPixelRgb);
}

}  // namespace pixtok::decode
