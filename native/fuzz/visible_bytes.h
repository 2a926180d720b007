#pragma once

#include <cstdint>
#include <vector>

#include "core/pixel_view.h"

namespace pixtok::fuzz {

// What an image shows, row by row, plane by plane.
std::vector<std::uint8_t> visible_bytes(const core::PixelView& view);

// Writes over all of it. Precondition: it is scratch memory, which nothing else reads.
void paint_over(const core::PixelView& view);

}  // namespace pixtok::fuzz
