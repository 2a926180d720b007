#pragma once

#include <cstdint>

#include "core/aligned_buffer.h"
#include "core/bytes.h"
#include "core/pixel_view.h"
#include "core/status.h"
#include "decode/row_format.h"

namespace pixtok::decode {

// Rows of pixels that lie in a file as they are.
struct StoredRows {
  RowFormat format = RowFormat::kGrey;
  int width = 0;
  int height = 0;
  bool bottom_up = false;
  std::uint64_t offset = 0;  // of the first one, in the file
  std::uint64_t stride = 0;  // bytes from a row to the next; 0 where nothing is between them
};

// Where in the file the rows end: the gap behind the last one need not be there.
std::uint64_t end_of(const StoredRows& rows);

// The rows as they are in the file, or unpacked into `memory`. A palette is the caller's. Fails
// where the file ends before them. Throws std::bad_alloc.
core::Status unpack_rows(core::Bytes file, const StoredRows& rows, core::ScratchBuffer& memory,
                         core::PixelView& pixels);

}  // namespace pixtok::decode
