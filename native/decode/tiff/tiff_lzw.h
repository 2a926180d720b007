#pragma once

#include <cstddef>
#include <cstdint>

#include "core/bytes.h"
#include "core/status.h"

namespace pixtok::decode {

// Undoes TIFF's LZW compression (TIFF 6.0, section 13) to `size` bytes at `unpacked`, as libtiff
// does: fails where there is too little or a code that is none, and does not look at what is too
// much. Throws std::bad_alloc.
core::Status unpack_tiff_lzw(core::Bytes packed, std::uint8_t* unpacked, std::size_t size);

}  // namespace pixtok::decode
