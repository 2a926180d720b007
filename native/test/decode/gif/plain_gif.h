#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/bytes.h"
#include "decode/gif/gif_frame.h"

namespace pixtok::test {

// The indices of a frame in the order in which they are stored, by the plainest of means: a code at
// a time, a bit at a time, each string as a string. Nothing where the file is refused.
std::optional<std::vector<std::uint8_t>> plain_gif_indices(core::Bytes file,
                                                           const decode::GifFrame& frame);

}  // namespace pixtok::test
