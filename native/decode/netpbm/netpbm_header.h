#pragma once

#include <cstdint>

#include "core/bytes.h"
#include "core/pixel_view.h"
#include "core/status.h"
#include "decode/stored_rows.h"

namespace pixtok::decode {

enum class NetpbmCodec {
  kStored,     // rows as they are
  kScaled,     // samples of one byte, or of two, high one first, of another range than a byte's
  kPlain,      // samples in words
  kPlainBits,  // one character each
};

// What is in front of the pixels of a Netpbm file, as Pillow's plugin reads it, with the extensions
// that it knows.
struct NetpbmHeader {
  NetpbmCodec codec = NetpbmCodec::kStored;
  StoredRows rows;  // of kStored; else size and offset alone
  core::PixelFormat format = core::PixelFormat::kGrey;
  std::uint32_t most = 255;  // of a sample
  bool is_clipped = false;   // grey of 16 bits: what is above 255 is white
};

// By the first kSignatureBytes.
bool is_netpbm(core::Bytes start);

core::Status read_netpbm_header(core::Bytes file, NetpbmHeader& header);

}  // namespace pixtok::decode
