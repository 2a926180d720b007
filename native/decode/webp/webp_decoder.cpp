#include "decode/webp/webp_decoder.h"

#include <cstring>
#include <new>

#include "decode/file_numbers.h"
#include "decode/file_signature.h"
#include "decode/image_fault.h"
#include "decode/webp/webp_chunks.h"

namespace pixtok::decode {

namespace {

using core::Bytes;
using core::Status;
using core::StatusCode;

// All frames have to be there, so that pixels do not bound a file. A longer one is left to the
// decoder that says whether it is too large: src/image/decode/decode-image.ts.
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 28;

// libwebp says that there is no memory where it gives up the alpha of a lossy frame before it has
// begun with it, too. More than it takes is asked for to tell: throws std::bad_alloc.
void require_memory_for_alpha(const WebpFile& webp) {
  constexpr std::size_t kMostBytesPerPixel = 8;
  constexpr std::size_t kTables = std::size_t{1} << 20;
  core::allocate_aligned(kTables + kMostBytesPerPixel * static_cast<std::size_t>(webp.frame_width) *
                                       static_cast<std::size_t>(webp.frame_height));
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
  const Status status = read_webp_file(file, webp_);
  if (!status.ok()) return status;
  size = {webp_.width, webp_.height};
  return Status::success();
}

int WebpDecoder::orientation() const { return webp_orientation(webp_); }

Status WebpDecoder::decode(int, core::PixelView& pixels) {
  const Status sides = require_sides(static_cast<std::uint64_t>(webp_.width),
                                     static_cast<std::uint64_t>(webp_.height));
  if (!sides.ok()) return sides;
  const auto format = webp_.has_alpha ? core::PixelFormat::kRgba : core::PixelFormat::kRgb;
  const auto stride = core::bytes_of_pixels(format, webp_.width, 1);
  const std::size_t bytes = stride * static_cast<std::size_t>(webp_.height);
  std::uint8_t* canvas = canvas_.reserve(bytes);
  const bool is_canvas = webp_.frame_width == webp_.width && webp_.frame_height == webp_.height;
  if (!is_canvas) std::memset(canvas, 0, bytes);
  const std::size_t corner =
      static_cast<std::size_t>(webp_.top) * stride + core::bytes_of_pixels(format, webp_.left, 1);
  webp::Config config;
  if (library_->init_config(&config, webp::kInterface) == 0) return webp_fault(file_);
  config.output.colours = webp_.has_alpha ? webp::kRgba : webp::kRgb;
  config.output.is_external_memory = 1;
  config.output.memory.packed = {canvas + corner, static_cast<int>(stride), bytes - corner};
  const int status = library_->decode(webp_.frame.data, webp_.frame.size, &config);
  if (status == webp::kOutOfMemory) {
    if (little32(webp_.frame.data) != kAlphaPlane) throw std::bad_alloc();
    require_memory_for_alpha(webp_);
  }
  if (status != webp::kOk) return webp_fault(file_);
  pixels = {canvas, webp_.width, webp_.height, format, true};
  return Status::success();
}

}  // namespace pixtok::decode
