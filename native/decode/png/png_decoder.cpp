#include "decode/png/png_decoder.h"

#include <algorithm>
#include <optional>

#include "decode/exif.h"
#include "decode/file_signature.h"
#include "decode/most_file_bytes.h"

namespace pixtok::decode {

namespace {

using core::Status;
using core::StatusCode;

// Pixels that cannot be packed have 8, and some more for their rows. A longer file is not seen to
// its end, and declined: whether it is too large is not said here.
constexpr std::uint64_t kMostBytesPerPixel = 10;

// Deflate makes at most so many bytes of one (RFC 1951: 258 of two bits and a bit).
constexpr std::size_t kDeflateRatio = 1032;

Status declined() { return Status::failure(StatusCode::kDeclined, ""); }

std::int64_t pixels_of(const PngHeader& header) {
  return std::int64_t{header.width} * header.height;
}

}  // namespace

bool PngDecoder::reads(core::Bytes start) const { return is_png(start.data, start.size); }

std::uint64_t PngDecoder::most_bytes(core::Bytes start, std::int64_t max_pixels) const {
  const std::optional<PngHeader> header = read_png_header(start);
  if (!header) return kMostFileBytes;
  const std::int64_t pixels = pixels_of(*header);
  return most_file_bytes(pixels, max_pixels,
                         kMostBytesPerPixel * static_cast<std::uint64_t>(pixels));
}

Status PngDecoder::open(core::Bytes file, ImageSize& size) {
  file_ = file;
  if (!read_png_file(file, inflater_, text_, png_)) return declined();
  size = {png_.header.width, png_.header.height};
  return Status::success();
}

int PngDecoder::orientation() const { return exif_orientation(png_.exif, png_.xmp); }

Status PngDecoder::decode(int, core::PixelView& pixels) {
  const PngHeader& header = png_.header;
  const PngPasses passes = png_passes(header);
  const std::size_t bytes = inflated_bytes(passes);
  // So that a few bytes of a file do not become gigabytes of memory.
  if (png_.data_bytes < bytes / kDeflateRatio) return declined();
  const core::Bytes data = png_data(file_, png_, compressed_);
  std::uint8_t* inflated = inflated_.reserve(bytes);
  if (!inflater_.inflate(data, inflated, bytes)) return declined();
  const std::uint8_t* shown = unfilter_pixels(inflated, header, passes, kernels_, scratch_);
  if (shown == nullptr) return declined();
  pixels = {shown, header.width, header.height, png_pixel_format(header), true};
  if (pixels.format != core::PixelFormat::kIndexed) return Status::success();
  pixels.palette = &png_.palette;
  std::uint8_t last = 0;
  for (std::int64_t i = 0; i < pixels_of(header); ++i) last = std::max(last, shown[i]);
  return last < png_.colours ? Status::success() : declined();
}

void PngDecoder::trim(std::size_t keep_at_most) {
  text_.trim(keep_at_most);
  compressed_.trim(keep_at_most);
  inflated_.trim(keep_at_most);
  scratch_.trim(keep_at_most);
}

}  // namespace pixtok::decode
