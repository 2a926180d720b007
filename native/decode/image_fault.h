#pragma once

#include <cstdint>
#include <string>

#include "core/status.h"

// What is wrong with an image file, as users read it.
namespace pixtok::decode {

core::Status corrupt(const std::string& what);

core::Status truncated(const std::string& what);

core::Status too_many_pixels(std::int64_t width, std::int64_t height, std::int64_t max_pixels);

}  // namespace pixtok::decode
