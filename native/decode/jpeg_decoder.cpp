#include "decode/jpeg_decoder.h"

#include <new>
#include <string>

#include "decode/image_header.h"

namespace pixtok::decode {

namespace {

using core::Status;
using core::StatusCode;

struct DestroyHandle {
  const JpegLibrary* library;
  void operator()(void* handle) const { library->destroy(handle); }
};

using Handle = std::unique_ptr<void, DestroyHandle>;

// After a call that did not return 0. Pillow forgives what libjpeg-turbo warns of, but for one
// thing: a file that ends before its picture does. Only the first warning's text is kept by the
// library, so behind another warning the end-of-image marker is looked for.
Status failure(const JpegLibrary& library, void* handle, const std::uint8_t* file,
               std::size_t size) {
  const std::string message = library.get_error_string(handle);
  if (message.find("Premature end of JPEG file") != std::string::npos ||
      !has_end_of_image(file, size)) {
    return Status::failure(StatusCode::kTruncatedImage, "the JPEG file is truncated");
  }
  if (library.get_error_code(handle) == turbojpeg::kFatal) {
    return Status::failure(StatusCode::kCorruptImage, "the JPEG file is corrupt: " + message);
  }
  return Status::success();
}

}  // namespace

Status JpegDecoder::decode(const std::uint8_t* file, std::size_t size, std::int64_t max_pixels,
                           core::PixelView& pixels) {
  const JpegLibrary& library = *library_;
  // A new decompressor for every file: one that is used again keeps the Huffman and quantization
  // tables of the file before, and lends them to a file that has none. It costs half a microsecond.
  const Handle owner(library.init(turbojpeg::kInitDecompress), DestroyHandle{&library});
  void* handle = owner.get();
  if (handle == nullptr) throw std::bad_alloc();
  if (library.decompress_header(handle, file, size) != 0) {
    const Status status = failure(library, handle, file, size);
    if (!status.ok()) return status;
  }
  const int width = library.get(handle, turbojpeg::kJpegWidth);
  const int height = library.get(handle, turbojpeg::kJpegHeight);
  if (width <= 0 || height <= 0) {
    return Status::failure(StatusCode::kCorruptImage, "the JPEG file holds no picture");
  }
  if (library.get(handle, turbojpeg::kPrecision) != 8 ||
      library.get(handle, turbojpeg::kLossless) == 1) {
    return Status::failure(StatusCode::kDeclined, "");
  }
  const std::int64_t count = static_cast<std::int64_t>(width) * height;
  if (count > max_pixels) return too_many_pixels(width, height, max_pixels);

  const int colorspace = library.get(handle, turbojpeg::kColorspace);
  const bool cmyk = colorspace == turbojpeg::kCmyk || colorspace == turbojpeg::kYcck;
  const auto format = cmyk ? core::PixelFormat::kInvertedCmyk : core::PixelFormat::kRgb;
  std::uint8_t* target =
      pixels_.reserve(core::bytes_per_pixel(format) * static_cast<std::size_t>(count));
  if (library.decompress8(handle, file, size, target, 0,
                          cmyk ? turbojpeg::kPixelCmyk : turbojpeg::kPixelRgb) != 0) {
    const Status status = failure(library, handle, file, size);
    if (!status.ok()) return status;
  }
  pixels = {target, width, height, format, true};
  return Status::success();
}

}  // namespace pixtok::decode
