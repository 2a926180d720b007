#pragma once

#include "core/bytes.h"
#include "core/pixel_view.h"
#include "core/status.h"
#include "decode/stored_rows.h"

namespace pixtok::decode {

// What is in front of the pixels of a TGA file, as Pillow's plugin reads it.
struct TgaHeader {
  StoredRows rows;
  bool is_packed = false;
  bool right_to_left = false;
  bool has_palette = false;  // of grey with alpha as well: the grey is an index then
  core::Palette palette{};
};

// TGA files have no signature. Whether one can begin so. Icons cannot; cursors and PCX files, which
// Pillow asks for first, are recognized when the header is read. Looks at the first
// kSignatureBytes.
bool is_tga(core::Bytes start);

core::Status read_tga_header(core::Bytes file, TgaHeader& header);

}  // namespace pixtok::decode
