#pragma once

#include <cstddef>
#include <cstdint>

#include "core/aligned_buffer.h"
#include "decode/image_decoder.h"
#include "decode/qoi/qoi_header.h"

namespace pixtok::decode {

// QOI files, as Pillow reads them.
class QoiDecoder final : public ImageDecoder {
 public:
  bool reads(core::Bytes start) const override;
  std::uint64_t most_bytes(core::Bytes start, std::int64_t max_pixels) const override;
  core::Status open(core::Bytes file, ImageSize& size) override;
  int orientation() const override { return 1; }

  // Never shrunk, and never declined.
  core::Status decode(int shrink, core::PixelView& pixels) override;

  void trim(std::size_t keep_at_most) override { memory_.trim(keep_at_most); }

 private:
  core::Bytes file_;
  QoiHeader header_;
  core::ScratchBuffer memory_;
};

}  // namespace pixtok::decode
