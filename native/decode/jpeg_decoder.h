#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "core/aligned_buffer.h"
#include "core/pixel_view.h"
#include "core/status.h"
#include "decode/jpeg_decompressor.h"
#include "decode/jpeg_library.h"

namespace pixtok::decode {

// What a picture may be given as. Planes are the decoder's own output: converting them a row at a
// time, as they are needed, spares a trip of the whole picture through memory.
enum class JpegOutput { kPacked, kPlanesWherePossible };

// JPEG files to pixels by libjpeg-turbo, for one thread. The decoded picture is Pillow's: accurate
// DCT, fancy upsampling, EXIF and ICC ignored.
class JpegDecoder {
 public:
  explicit JpegDecoder(std::shared_ptr<const JpegLibrary> library) : library_(std::move(library)) {}

  // Reads the header. The file must stay where it is until close(). kDeclined where it is a JPEG of
  // a kind that this decoder does not read (12 bits, lossless). Throws std::bad_alloc.
  core::Status open(const std::uint8_t* file, std::size_t size, std::int64_t max_pixels);

  int width() const { return decompressor_->get(turbojpeg::kJpegWidth); }
  int height() const { return decompressor_->get(turbojpeg::kJpegHeight); }

  // `pixels` is RGB, inverted CMYK or planar and stays valid until the next call. With a `shrink`
  // of 2, 4 or 8 the picture has that part of its size, rounded up, as the inverse DCT can give it
  // for less work. Throws std::bad_alloc. Precondition: open() has succeeded.
  core::Status decode(JpegOutput output, int shrink, core::PixelView& pixels);

  void close() { decompressor_.reset(); }

  void trim(std::size_t keep_at_most) { pixels_.trim(keep_at_most); }

 private:
  core::Status decode_planes(core::PixelView& pixels);
  core::Status decode_packed(int shrink, core::PixelView& pixels);

  std::shared_ptr<const JpegLibrary> library_;
  std::optional<JpegDecompressor> decompressor_;
  core::ScratchBuffer pixels_;
};

}  // namespace pixtok::decode
