#pragma once

#include "core/bytes.h"
#include "core/pixel_view.h"
#include "core/status.h"
#include "decode/stored_rows.h"

namespace pixtok::decode {

enum class BmpCodec {
  kNone,
  kRunsOfBytes,    // RLE8
  kRunsOfNibbles,  // RLE4
};

// What is in front of the pixels of a BMP file, as Pillow's plugin reads it.
struct BmpHeader {
  StoredRows rows;  // of packed pixels the format of their bytes, unpacked
  BmpCodec codec = BmpCodec::kNone;
  core::Palette palette{};  // of indices
};

core::Status read_bmp_header(core::Bytes file, BmpHeader& header);

}  // namespace pixtok::decode
