#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace pixtok::transform {

// How often each of the 256 values stands in each channel.
using ByteHistogram = std::array<std::array<std::uint64_t, 256>, 3>;

// Adds `pixels` pixels of three floats each, in which a byte b is b + 1: then padding, which is 0
// after normalization, is not taken for black. Whatever else is in there is not counted either.
void count_bytes(const float* values, std::size_t pixels, ByteHistogram& histogram);

}  // namespace pixtok::transform
