#include "decode/jpeg_decompressor.h"

#include <new>
#include <string>

#include "decode/image_header.h"

namespace pixtok::decode {

using core::Status;
using core::StatusCode;

JpegDecompressor::JpegDecompressor(const JpegLibrary& library, const std::uint8_t* file,
                                   std::size_t size)
    : library_(library),
      file_(file),
      size_(size),
      handle_(library.init(turbojpeg::kInitDecompress)) {
  if (handle_ == nullptr) throw std::bad_alloc();
}

JpegDecompressor::~JpegDecompressor() { library_.destroy(handle_); }

Status JpegDecompressor::read_header() {
  return status_of(library_.decompress_header(handle_, file_, size_));
}

Status JpegDecompressor::decompress(std::uint8_t* target, int pixel_format) {
  return status_of(library_.decompress8(handle_, file_, size_, target, 0, pixel_format));
}

Status JpegDecompressor::decompress_planes(std::uint8_t** planes, int* strides) {
  return status_of(library_.decompress_to_yuv_planes8(handle_, file_, size_, planes, strides));
}

// Pillow forgives what libjpeg-turbo warns of, but for one thing: a file that ends before its
// picture does. Only the first warning's text is kept by the library, so behind another warning the
// end-of-image marker is looked for.
Status JpegDecompressor::status_of(int result) const {
  if (result == 0) return Status::success();
  const std::string message = library_.get_error_string(handle_);
  if (message.find("Premature end of JPEG file") != std::string::npos ||
      !has_end_of_image(file_, size_)) {
    return Status::failure(StatusCode::kTruncatedImage, "the JPEG file is truncated");
  }
  if (library_.get_error_code(handle_) == turbojpeg::kFatal) {
    return Status::failure(StatusCode::kCorruptImage, "the JPEG file is corrupt: " + message);
  }
  return Status::success();
}

}  // namespace pixtok::decode
