#include "decode/jpeg/jpeg_decoder.h"

#include <cstring>
#include <vector>

#include "decode/file_signature.h"
#include "decode/jpeg/jpeg_verdict.h"

namespace pixtok::decode {

namespace {

using core::PixelFormat;
using core::Status;
using core::StatusCode;

Status declined() { return Status::failure(StatusCode::kDeclined, ""); }

// Precondition: not planar.
std::size_t bytes_of(const core::PixelView& pixels) {
  return static_cast<std::size_t>(core::bytes_per_pixel(pixels.format)) *
         static_cast<std::size_t>(pixels.width) * static_cast<std::size_t>(pixels.height);
}

}  // namespace

bool JpegDecoder::reads(core::Bytes start) const { return is_jpeg(start.data, start.size); }

std::uint64_t JpegDecoder::most_bytes(core::Bytes start, std::int64_t max_pixels) const {
  return most_jpeg_bytes(start, max_pixels);
}

Status JpegDecoder::open(core::Bytes file, ImageSize& size) {
  header_ = {};
  file_ = file;
  const Status status = read_jpeg_header(file, header_);
  size = {header_.width, header_.height};
  return status;
}

// False where it gives the file up.
bool JpegDecoder::decode_by_our_own(core::PixelView& pixels) {
  if (!baseline_.open(file_)) return false;
  if (baseline_.width() != header_.width || baseline_.height() != header_.height) return false;
  if (!baseline_.decode()) return false;
  pixels = baseline_.pixels();
  return true;
}

Status JpegDecoder::open_by_library() {
  if (library_ == nullptr) return declined();
  decompressor_.emplace(*library_, file_.data, file_.size);
  if (!decompressor_->read_header()) {
    const Status verdict = jpeg_verdict(file_);
    if (!verdict.ok()) return verdict;
  }
  const bool same = decompressor_->get(turbojpeg::kJpegWidth) == header_.width &&
                    decompressor_->get(turbojpeg::kJpegHeight) == header_.height;
  const bool reads = decompressor_->get(turbojpeg::kPrecision) == 8 &&
                     decompressor_->get(turbojpeg::kLossless) != 1;
  return same && reads ? Status::success() : declined();
}

Status JpegDecoder::decode(JpegOutput output, int shrink, core::PixelView& pixels) {
  const bool may_be_planes = output == JpegOutput::kPlanesWherePossible && shrink == 1;
  if (may_be_planes && decode_by_our_own(pixels)) return Status::success();
  const Status opened = open_by_library();
  if (!opened.ok()) return opened;
  // The library reads, without a warning, arithmetic-coded files that Pillow refuses.
  if (header_.arithmetic) {
    const Status verdict = jpeg_verdict(file_);
    if (!verdict.ok()) return verdict;
  }
  const bool planes = may_be_planes && planes_format().has_value();
  if (planes ? decode_planes(pixels) : decode_packed(shrink, pixels, std::nullopt)) {
    return Status::success();
  }
  const Status verdict = jpeg_verdict(file_);
  return verdict.ok() ? decode_damaged(shrink, pixels) : verdict;
}

void JpegDecoder::trim(std::size_t keep_at_most) {
  decompressor_.reset();
  baseline_.trim(keep_at_most);
  planes_.trim(keep_at_most);
  packed_.trim(keep_at_most);
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
  std::optional<PixelFormat> format;
  switch (decompressor_->get(turbojpeg::kColorspace)) {
    case turbojpeg::kGrey:
      if (subsampling == turbojpeg::kGreyOnly) format = PixelFormat::kPlanarRgb;
      break;
    case turbojpeg::kYcbcr:
      if (subsampling == turbojpeg::k444) format = PixelFormat::kYcc444;
      if (subsampling == turbojpeg::k440) format = PixelFormat::kYcc440;
      if (subsampling == turbojpeg::k422) format = PixelFormat::kYcc422;
      if (subsampling == turbojpeg::k420) format = PixelFormat::kYcc420;
      break;
    default:
      break;
  }
  return format && is_given_as_planes(*format, header_.width) ? format : std::nullopt;
}

// Precondition: there is a planes_format().
bool JpegDecoder::decode_planes(core::PixelView& pixels) {
  planes_.reserve(*planes_format(), header_.width, header_.height);
  pixels = planes_.view();
  return decompressor_->decompress_planes(planes_);
}

// `pixels` is there even where the library complains.
bool JpegDecoder::decode_packed(int shrink, core::PixelView& pixels,
                                std::optional<std::uint8_t> filling) {
  const int colorspace = decompressor_->get(turbojpeg::kColorspace);
  const bool cmyk = colorspace == turbojpeg::kCmyk || colorspace == turbojpeg::kYcck;
  const auto format = cmyk ? PixelFormat::kInvertedCmyk : PixelFormat::kRgb;
  const int width = (header_.width + shrink - 1) / shrink;
  const int height = (header_.height + shrink - 1) / shrink;
  if (shrink > 1) decompressor_->shrink_by(shrink);
  pixels = {nullptr, width, height, format, true};
  const std::size_t bytes = bytes_of(pixels);
  std::uint8_t* target = packed_.reserve(bytes);
  pixels.data = target;
  if (filling) std::memset(target, *filling, bytes);
  return decompressor_->decompress(target, cmyk ? turbojpeg::kPixelCmyk : turbojpeg::kPixelRgb);
}

}  // namespace pixtok::decode
