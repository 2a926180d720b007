#include "decode/webp/webp_decoder.h"

#include <cstring>
#include <new>

#include "decode/exif.h"
#include "decode/file_numbers.h"
#include "decode/file_signature.h"
#include "decode/image_fault.h"

namespace pixtok::decode {

namespace {

using core::Bytes;
using core::Status;
using core::StatusCode;

// All frames have to be there, so that pixels do not bound a file. A longer one is left to the
// decoder that says whether it is too large: src/image/decode/decode-image.ts.
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 28;

Status fault_of(Bytes file) {
  return declared_webp_bytes(file) > file.size ? truncated("it ends early")
                                               : corrupt("its pixels cannot be decoded");
}

// Whether libwebp gives up the alpha of a lossy frame before it has begun with it (VP8 container's
// ALPH: RFC 9649, section 2.7.1.2): it then says that there is no memory.
bool has_alpha_that_cannot_begin(const WebpFile& webp) {
  constexpr std::size_t kHeader = 8;
  constexpr int kUncompressed = 0;
  constexpr int kLossless = 1;
  constexpr int kReduced = 1;
  if (std::memcmp(webp.frame.data, "ALPH", 4) != 0) return false;
  const std::uint32_t size = little32(webp.frame.data + 4);
  if (size <= 1) return true;
  const int bits = webp.frame.data[kHeader];
  const int method = bits & 3;
  if (method > kLossless || (bits >> 4 & 3) > kReduced || bits >> 6 != 0) return true;
  const std::int64_t pixels = std::int64_t{webp.frame_width} * webp.frame_height;
  return method == kUncompressed && std::int64_t{size} - 1 < pixels;
}

}  // namespace

bool WebpDecoder::reads(Bytes start) const { return is_webp(start.data, start.size); }

std::uint64_t WebpDecoder::most_bytes(Bytes start, std::int64_t) const {
  const std::uint64_t declared = declared_webp_bytes(start);
  return declared > kMostBytes ? kSignatureBytes : declared;
}

Status WebpDecoder::open(Bytes file, ImageSize& size) {
  file_ = file;
  if (declared_webp_bytes(file) > kMostBytes) return Status::failure(StatusCode::kDeclined, "");
  if (!read_webp_file(file, *library_, webp_)) return fault_of(file);
  size = {webp_.width, webp_.height};
  return require_sides(static_cast<std::uint64_t>(webp_.width),
                       static_cast<std::uint64_t>(webp_.height));
}

int WebpDecoder::orientation() const { return exif_orientation(webp_.exif, webp_.xmp); }

Status WebpDecoder::decode(int, core::PixelView& pixels) {
  const auto format = webp_.has_alpha ? core::PixelFormat::kRgba : core::PixelFormat::kRgb;
  const auto stride = core::bytes_of_pixels(format, webp_.width, 1);
  const std::size_t bytes = stride * static_cast<std::size_t>(webp_.height);
  std::uint8_t* canvas = canvas_.reserve(bytes);
  const bool is_canvas = webp_.frame_width == webp_.width && webp_.frame_height == webp_.height;
  if (!is_canvas) std::memset(canvas, 0, bytes);
  const std::size_t corner =
      static_cast<std::size_t>(webp_.top) * stride + core::bytes_of_pixels(format, webp_.left, 1);
  webp::Config config;
  if (library_->init_config(&config, webp::kInterface) == 0) return fault_of(file_);
  config.output.colours = webp_.has_alpha ? webp::kRgba : webp::kRgb;
  config.output.is_external_memory = 1;
  config.output.memory.packed = {canvas + corner, static_cast<int>(stride), bytes - corner};
  const int status = library_->decode(webp_.frame.data, webp_.frame.size, &config);
  if (status == webp::kOutOfMemory && !has_alpha_that_cannot_begin(webp_)) throw std::bad_alloc();
  if (status != webp::kOk) return fault_of(file_);
  pixels = {canvas, webp_.width, webp_.height, format, true};
  return Status::success();
}

}  // namespace pixtok::decode
