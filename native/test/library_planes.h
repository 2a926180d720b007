#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/bytes.h"
#include "core/pixel_view.h"
#include "decode/jpeg/jpeg_library.h"

namespace pixtok::test {

// The visible bytes of an image's planes: three, or one of grey.
std::vector<std::uint8_t> visible_bytes(const core::PixelView& pixels);

// The same as libjpeg-turbo gives them for a file of that size and format. Nothing where it
// complains of the file.
std::optional<std::vector<std::uint8_t>> library_planes(const decode::JpegLibrary& library,
                                                        core::Bytes file,
                                                        const core::PixelView& like);

}  // namespace pixtok::test
