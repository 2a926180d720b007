#pragma once

#include <cstdint>

namespace pixtok::core {

// IEEE binary32 to binary16, to nearest, ties to even.
std::uint16_t to_half(float value);

}  // namespace pixtok::core
