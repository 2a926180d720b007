#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "core/aligned_buffer.h"
#include "decode/image_decoder.h"
#include "decode/webp/webp_file.h"
#include "decode/webp/webp_library.h"

namespace pixtok::decode {

// WebP files, and their first frame where they are animated, as Pillow shows it: on a canvas that
// is black and transparent.
class WebpDecoder final : public ImageDecoder {
 public:
  // Precondition: there is a library.
  explicit WebpDecoder(std::shared_ptr<const WebpLibrary> library) : library_(std::move(library)) {}

  bool reads(core::Bytes start) const override;
  std::uint64_t most_bytes(core::Bytes start, std::int64_t max_pixels) const override;

  // Declines what declares that it is too large to be read whole.
  core::Status open(core::Bytes file, ImageSize& size) override;

  int orientation() const override;

  // kRgb or kRgba, never shrunk, and never declined.
  core::Status decode(int shrink, core::PixelView& pixels) override;

  void trim(std::size_t keep_at_most) override { canvas_.trim(keep_at_most); }

 private:
  const std::shared_ptr<const WebpLibrary> library_;
  core::Bytes file_;
  WebpFile webp_;
  core::ScratchBuffer canvas_;
};

}  // namespace pixtok::decode
