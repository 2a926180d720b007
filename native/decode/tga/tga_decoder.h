#pragma once

#include <cstddef>
#include <cstdint>

#include "core/aligned_buffer.h"
#include "decode/image_decoder.h"
#include "decode/tga/tga_header.h"

namespace pixtok::decode {

// TGA files, as Pillow reads them.
class TgaDecoder final : public ImageDecoder {
 public:
  bool reads(core::Bytes start) const override;
  std::uint64_t most_bytes(core::Bytes start, std::int64_t max_pixels) const override;
  core::Status open(core::Bytes file, ImageSize& size) override;
  int orientation() const override { return 1; }

  // Never shrunk, and never declined.
  core::Status decode(int shrink, core::PixelView& pixels) override;

  void trim(std::size_t keep_at_most) override;

 private:
  core::Status read_pixels(core::PixelView& pixels);
  void make_opaque(core::PixelView& pixels);
  void look_up(core::PixelView& pixels);
  void mirror(core::PixelView& pixels);

  core::Bytes file_;
  TgaHeader header_;
  core::ScratchBuffer packed_;
  core::ScratchBuffer memory_;
  core::ScratchBuffer changed_;
  core::ScratchBuffer mirrored_;
};

}  // namespace pixtok::decode
