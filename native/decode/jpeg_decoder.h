#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "core/aligned_buffer.h"
#include "core/pixel_view.h"
#include "core/status.h"
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

  // `pixels` is RGB, inverted CMYK or planar and stays valid until the next call. kDeclined where
  // the file is a JPEG of a kind that this decoder does not read (12 bits, lossless). Throws
  // std::bad_alloc.
  core::Status decode(const std::uint8_t* file, std::size_t size, std::int64_t max_pixels,
                      JpegOutput output, core::PixelView& pixels);

  void trim(std::size_t keep_at_most) { pixels_.trim(keep_at_most); }

 private:
  class Decompressor;

  core::Status decode_planes(Decompressor& decompressor, core::PixelView& pixels);
  core::Status decode_packed(Decompressor& decompressor, core::PixelView& pixels);

  std::shared_ptr<const JpegLibrary> library_;
  core::ScratchBuffer pixels_;
};

}  // namespace pixtok::decode
