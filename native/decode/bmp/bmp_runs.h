#pragma once

#include <cstddef>
#include <cstdint>

#include "core/bytes.h"
#include "core/status.h"

namespace pixtok::decode {

// Unpacks RLE8, or, with `nibbles`, RLE4, from `offset` of a file on: to `count` bytes, rows in the
// order in which they are stored. Fails where they end before that, as Pillow does. Preconditions:
// `count` bytes are writable and a multiple of `width`, which is not 0.
core::Status unpack_bmp_runs(core::Bytes file, std::uint64_t offset, bool nibbles,
                             std::size_t width, std::size_t count, std::uint8_t* target);

}  // namespace pixtok::decode
