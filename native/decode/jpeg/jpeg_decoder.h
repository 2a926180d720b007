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
#include "decode/image_decoder.h"
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
class JpegDecoder final : public ImageDecoder {
 public:
  // `library` null: what the decoder of our own gives up is declined.
  JpegDecoder(std::shared_ptr<const JpegLibrary> library, const kernels::IdctKernels& kernels)
      : library_(std::move(library)), baseline_(kernels) {}

  bool reads(core::Bytes start) const override;
  std::uint64_t most_bytes(core::Bytes start, std::int64_t max_pixels) const override;
  core::Status open(core::Bytes file, ImageSize& size) override;
  int orientation() const override { return header_.orientation(); }

  core::Status decode(int shrink, core::PixelView& pixels) override {
    return decode(JpegOutput::kPlanesWherePossible, shrink, pixels);
  }

  // `pixels` is RGB, inverted CMYK or planar. It is shrunk as the inverse DCT can do that. Fails
  // where Pillow does: decode/jpeg/jpeg_verdict.h. kDeclined where this decoder does not read the
  // file, or cannot be relied upon to have written every pixel. Otherwise as above.
  core::Status decode(JpegOutput output, int shrink, core::PixelView& pixels);

  void trim(std::size_t keep_at_most) override;

 private:
  bool decode_by_our_own(core::PixelView& pixels);
  core::Status open_by_library();
  bool decode_planes(core::PixelView& pixels);
  bool decode_packed(int shrink, core::PixelView& pixels, std::optional<std::uint8_t> filling);
  core::Status decode_damaged(int shrink, core::PixelView& pixels);
  std::optional<core::PixelFormat> planes_format() const;

  std::shared_ptr<const JpegLibrary> library_;
  core::Bytes file_;
  JpegHeader header_;
  BaselineDecoder baseline_;
  std::optional<JpegDecompressor> decompressor_;
  JpegPlanes planes_;
  core::ScratchBuffer packed_;
};

}  // namespace pixtok::decode
