#include "decode/jpeg_decoder.h"

#include <cstring>
#include <new>
#include <string>
#include <utility>

#include "decode/image_header.h"

namespace pixtok::decode {

namespace {

using core::Status;
using core::StatusCode;

// Pillow's cmyk2rgb, on bytes that Adobe stores inverted: (255 - K) - m(C, 255 - K).
void inverted_cmyk_to_rgb(const std::uint8_t* cmyk, std::size_t pixels, std::uint8_t* rgb) {
  for (std::size_t i = 0; i < pixels; ++i, cmyk += 4, rgb += 3) {
    const int light = cmyk[3];
    for (int channel = 0; channel < 3; ++channel) {
      const int product = (255 - cmyk[channel]) * light + 128;
      const int value = light - ((product + (product >> 8)) >> 8);
      rgb[channel] = static_cast<std::uint8_t>(value < 0 ? 0 : value);
    }
  }
}

}  // namespace

JpegDecoder::JpegDecoder(std::shared_ptr<const JpegLibrary> library)
    : library_(std::move(library)), handle_(nullptr, DestroyHandle{library_.get()}) {
  handle_.reset(library_->init(turbojpeg::kInitDecompress));
  if (handle_ == nullptr) throw std::bad_alloc();
}

Status JpegDecoder::decode(const std::uint8_t* file, std::size_t size, std::int64_t max_pixels,
                           core::PixelView& pixels) {
  const JpegLibrary& library = *library_;
  void* handle = handle_.get();
  if (library.decompress_header(handle, file, size) != 0 &&
      library.get_error_code(handle) == turbojpeg::kFatal) {
    return failure(file, size);
  }
  const int width = library.get(handle, turbojpeg::kJpegWidth);
  const int height = library.get(handle, turbojpeg::kJpegHeight);
  const int colorspace = library.get(handle, turbojpeg::kColorspace);
  if (width <= 0 || height <= 0) {
    return Status::failure(StatusCode::kCorruptImage, "the JPEG header declares no size");
  }
  if (library.get(handle, turbojpeg::kPrecision) != 8 ||
      library.get(handle, turbojpeg::kLossless) == 1) {
    return Status::failure(StatusCode::kDeclined, "");
  }
  const std::int64_t count = static_cast<std::int64_t>(width) * height;
  if (count > max_pixels) return too_many_pixels(width, height, max_pixels);

  const std::size_t total = static_cast<std::size_t>(count);
  const bool cmyk = colorspace == turbojpeg::kCmyk || colorspace == turbojpeg::kYcck;
  std::uint8_t* target = cmyk ? cmyk_.reserve(4 * total) : rgb_.reserve(3 * total);
  const int format = cmyk ? turbojpeg::kPixelCmyk : turbojpeg::kPixelRgb;
  if (library.decompress8(handle, file, size, target, 0, format) != 0) {
    const Status status = failure(file, size);
    if (!status.ok()) return status;
  }
  if (cmyk) {
    std::uint8_t* rgb = rgb_.reserve(3 * total);
    inverted_cmyk_to_rgb(target, total, rgb);
    target = rgb;
  }
  pixels = {target, width, height, 3, true};
  return Status::success();
}

void JpegDecoder::trim(std::size_t keep_at_most) {
  rgb_.trim(keep_at_most);
  cmyk_.trim(keep_at_most);
}

// After a call that did not return 0. Pillow forgives what libjpeg-turbo warns of, but for one
// thing: a file that ends before its picture does. Only the first warning's text is kept by the
// library, so behind another warning the end-of-image marker is looked for.
Status JpegDecoder::failure(const std::uint8_t* file, std::size_t size) const {
  void* handle = handle_.get();
  const std::string message = library_->get_error_string(handle);
  const bool ends_early = message.find("Premature end of JPEG file") != std::string::npos ||
                          message.find("Premature end of input file") != std::string::npos ||
                          !has_end_of_image(file, size);
  if (ends_early) {
    return Status::failure(StatusCode::kTruncatedImage, "the JPEG file is truncated");
  }
  if (library_->get_error_code(handle) == turbojpeg::kFatal) {
    return Status::failure(StatusCode::kCorruptImage, "the JPEG file is corrupt: " + message);
  }
  return Status::success();
}

}  // namespace pixtok::decode
