#pragma once

#include <cstdint>

namespace pixtok::core {

// Most pixels of a side of an image, and farthest place in one, as in src/image/image-side.ts. A
// side times its channels fits into 32 bits with room to spare.
constexpr std::int32_t kMaxSide = 1 << 20;

}  // namespace pixtok::core
