#pragma once

#include <array>
#include <cstdint>

#include "transform/operations/byte_image.h"
#include "transform/operations/operation.h"

namespace pixtok::transform {

// What becomes of each byte.
using ToneTable = std::array<std::uint8_t, 256>;

// Operations that look at one value alone, or at how often each occurs. Precondition: `operation`
// is kBrightness, kContrast, kPosterize, kSolarize, kInvert, kAutocontrast or kEqualize.
void change_tones(const Operation& operation, const ByteImage& image);

}  // namespace pixtok::transform
