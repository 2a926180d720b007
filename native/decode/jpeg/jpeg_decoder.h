#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "core/aligned_buffer.h"
#include "core/bytes.h"
#include "core/pixel_view.h"
#include "core/status.h"
#include "decode/jpeg/baseline_decoder.h"
#include "decode/jpeg/jpeg_decompressor.h"
#include "decode/jpeg/jpeg_header.h"
#include "decode/jpeg/jpeg_library.h"
#include "decode/jpeg/jpeg_planes.h"
#include "kernels/idct/idct_kernels.h"

namespace pixtok::decode {

// What an image may be given as. Planes are the decoder's own output: converting them a row at a
// time, as they are needed, spares a trip of the whole image through memory.
enum class JpegOutput { kPacked, kPlanesWherePossible };

// JPEG files to pixels, for one thread: by the decoder of our own, and what that gives up by
// libjpeg-turbo. The decoded image is Pillow's: accurate DCT, fancy upsampling, EXIF and ICC
// ignored.
class JpegDecoder {
 public:
  // `library` null: what the decoder of our own gives up is declined.
  JpegDecoder(std::shared_ptr<const JpegLibrary> library, const kernels::IdctKernels& kernels)
      : library_(std::move(library)), baseline_(kernels) {}

  // `header` is what read_jpeg_header() says of the file, which must stay where it is until
  // close(). kDeclined where it is a JPEG that this decoder does not read. Throws std::bad_alloc.
  core::Status open(core::Bytes file, const JpegHeader& header);

  // `pixels` is RGB, inverted CMYK or planar and stays valid until the next call. With a `shrink`
  // of 2, 4 or 8 the image has that part of its size, rounded up, as the inverse DCT can give it
  // for less work. Fails where Pillow does: decode/jpeg/jpeg_verdict.h. kDeclined where this
  // decoder cannot be relied upon to have written every pixel. Throws std::bad_alloc. Precondition:
  // open() has succeeded.
  core::Status decode(JpegOutput output, int shrink, core::PixelView& pixels);

  void close() { decompressor_.reset(); }

  void trim(std::size_t keep_at_most);

 private:
  core::Status open_by_library();
  bool decode_planes(core::PixelView& pixels);
  bool decode_packed(int shrink, core::PixelView& pixels, std::optional<std::uint8_t> filling);
  core::Status decode_damaged(int shrink, core::PixelView& pixels);
  std::optional<core::PixelFormat> planes_format() const;

  std::shared_ptr<const JpegLibrary> library_;
  core::Bytes file_;
  int width_ = 0;
  int height_ = 0;
  BaselineDecoder baseline_;
  bool baseline_opened_ = false;
  std::optional<JpegDecompressor> decompressor_;
  JpegPlanes planes_;
  core::ScratchBuffer packed_;
};

}  // namespace pixtok::decode
