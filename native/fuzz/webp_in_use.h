#pragma once

#include <memory>

#include "decode/webp/webp_library.h"

namespace pixtok::fuzz {

// The library that the environment variable PIXTOK_FUZZ_WEBP_LIBRARY names; null where it names
// none. Ends the process where it cannot be opened.
std::shared_ptr<const decode::WebpLibrary> webp_in_use();

}  // namespace pixtok::fuzz
