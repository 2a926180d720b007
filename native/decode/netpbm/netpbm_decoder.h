#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/aligned_buffer.h"
#include "decode/image_decoder.h"
#include "decode/netpbm/netpbm_header.h"

namespace pixtok::decode {

// Netpbm files (PBM, PGM, PPM, PFM), as Pillow reads them.
class NetpbmDecoder final : public ImageDecoder {
 public:
  NetpbmDecoder();

  bool reads(core::Bytes start) const override;
  std::uint64_t most_bytes(core::Bytes start, std::int64_t max_pixels) const override;
  core::Status open(core::Bytes file, ImageSize& size) override;
  int orientation() const override { return 1; }

  // Never shrunk, and never declined.
  core::Status decode(int shrink, core::PixelView& pixels) override;

  void trim(std::size_t keep_at_most) override { memory_.trim(keep_at_most); }

 private:
  core::Status read_samples(std::size_t count, std::uint8_t* target);

  core::Bytes file_;
  NetpbmHeader header_;
  core::Palette black_{};  // of indices: files have no palette
  std::vector<std::uint8_t> table_;
  core::ScratchBuffer memory_;
};

}  // namespace pixtok::decode
