#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/bytes.h"
#include "core/status.h"

namespace pixtok::decode {

// The samples of a plain Netpbm file, which `samples` are the bytes of, as Pillow's decoder reads
// them: in blocks of a MiB. What is behind the last sample counts where it is in the same block.
// Preconditions: `count` bytes are writable. Throws std::bad_alloc.

// 0 for white and 1 for black, to 255 and 0.
core::Status read_plain_bits(core::Bytes samples, std::size_t count, std::uint8_t* target);

// By a table of a byte for each value that may come.
core::Status read_plain_samples(core::Bytes samples, const std::vector<std::uint8_t>& table,
                                std::size_t count, std::uint8_t* target);

}  // namespace pixtok::decode
