#pragma once

#include <cstddef>
#include <cstdint>

#include "core/aligned_buffer.h"
#include "decode/gif/gif_frame.h"
#include "decode/gif/gif_strings.h"
#include "decode/image_decoder.h"

namespace pixtok::decode {

// The first frame of GIF files, as Pillow shows it: on a canvas of the transparent index, or of
// index 0.
class GifDecoder final : public ImageDecoder {
 public:
  bool reads(core::Bytes start) const override;
  std::uint64_t most_bytes(core::Bytes start, std::int64_t max_pixels) const override;
  core::Status open(core::Bytes file, ImageSize& size) override;
  int orientation() const override { return 1; }

  // kIndexed, never shrunk, and never declined.
  core::Status decode(int shrink, core::PixelView& pixels) override;

  void trim(std::size_t keep_at_most) override;

 private:
  const std::uint8_t* place_rows(const std::uint8_t* indices);

  core::Bytes file_;
  GifFrame frame_;
  GifStrings strings_;
  core::ScratchBuffer indices_;
  core::ScratchBuffer canvas_;
};

}  // namespace pixtok::decode
