#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/aligned_buffer.h"
#include "core/pixel_view.h"
#include "core/status.h"
#include "decode/jpeg_library.h"

namespace pixtok::decode {

// One libjpeg-turbo decompressor, for one thread. The decoded picture is Pillow's
// `Image.open(file).convert("RGB")`: accurate DCT, fancy upsampling, EXIF and ICC ignored, grey
// replicated, CMYK by Adobe's inverted convention and Pillow's formula.
class JpegDecoder {
 public:
  explicit JpegDecoder(std::shared_ptr<const JpegLibrary> library);

  // `pixels` stays valid until the next call. kDeclined where the file is a JPEG of a kind that
  // this decoder does not read (12 bits, lossless). Throws std::bad_alloc.
  core::Status decode(const std::uint8_t* file, std::size_t size, std::int64_t max_pixels,
                      core::PixelView& pixels);

  void trim(std::size_t keep_at_most);

 private:
  struct DestroyHandle {
    const JpegLibrary* library;
    void operator()(void* handle) const { library->destroy(handle); }
  };

  core::Status failure(const std::uint8_t* file, std::size_t size) const;

  std::shared_ptr<const JpegLibrary> library_;
  std::unique_ptr<void, DestroyHandle> handle_;
  core::ScratchBuffer rgb_;
  core::ScratchBuffer cmyk_;
};

}  // namespace pixtok::decode
