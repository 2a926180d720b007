#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "core/aligned_buffer.h"
#include "decode/image_decoder.h"
#include "decode/png/inflater.h"
#include "decode/png/png_file.h"
#include "decode/png/png_pixels.h"
#include "decode/png/zlib_library.h"
#include "kernels/unfilter/unfilter_kernels.h"

namespace pixtok::decode {

// PNG files that are whole, and their first frame where they are animated, as Pillow shows it. All
// others it declines: what is wrong with a file, and whether that matters, is not said here.
class PngDecoder final : public ImageDecoder {
 public:
  // Precondition: there is a library.
  PngDecoder(std::shared_ptr<const ZlibLibrary> library, const kernels::UnfilterKernels& kernels)
      : inflater_(std::move(library)), kernels_(kernels) {}

  bool reads(core::Bytes start) const override;
  std::uint64_t most_bytes(core::Bytes start, std::int64_t max_pixels) const override;

  // Declines what read_png_file() does.
  core::Status open(core::Bytes file, ImageSize& size) override;

  int orientation() const override;

  // Never shrunk; as png_pixel_format().
  core::Status decode(int shrink, core::PixelView& pixels) override;

  void trim(std::size_t keep_at_most) override;

 private:
  Inflater inflater_;
  const kernels::UnfilterKernels& kernels_;
  core::Bytes file_;
  PngFile png_;
  core::ScratchBuffer text_;
  core::ScratchBuffer compressed_;
  core::ScratchBuffer inflated_;
  PngPixelScratch scratch_;
};

}  // namespace pixtok::decode
