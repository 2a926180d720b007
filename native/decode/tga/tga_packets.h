#pragma once

#include <cstddef>
#include <cstdint>

#include "core/bytes.h"
#include "core/status.h"

namespace pixtok::decode {

// Unpacks run-length packets of pixels of `depth` bytes, from `offset` of a file on, to rows of
// `row_bytes` that follow each other. A run that goes on in the next row is an error, as in Pillow.
// Preconditions: `rows` of them are writable, and `row_bytes` a multiple of `depth`.
core::Status unpack_tga_packets(core::Bytes file, std::uint64_t offset, std::size_t depth,
                                std::size_t row_bytes, std::size_t rows, std::uint8_t* target);

}  // namespace pixtok::decode
