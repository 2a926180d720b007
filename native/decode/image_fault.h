#pragma once

#include <cstdint>
#include <string>

#include "core/status.h"

// What is wrong with an image file, as users read it.
namespace pixtok::decode {

core::Status corrupt(const std::string& what);

core::Status truncated(const std::string& what);

// The format, or a kind of it, is not read.
core::Status unsupported(const std::string& what);

// Precondition of what decoders do with sizes: success where no side is longer than any image's
// that is prepared.
core::Status require_sides(std::uint64_t width, std::uint64_t height);

core::Status too_many_pixels(std::int64_t width, std::int64_t height, std::int64_t max_pixels);

}  // namespace pixtok::decode
