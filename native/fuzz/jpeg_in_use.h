#pragma once

#include <memory>

#include "decode/jpeg/jpeg_library.h"

namespace pixtok::fuzz {

// The library that the environment variable PIXTOK_FUZZ_JPEG_LIBRARY names; ends the process where
// it cannot be opened.
std::shared_ptr<const decode::JpegLibrary> jpeg_in_use();

}  // namespace pixtok::fuzz
