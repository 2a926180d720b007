#pragma once

#include <memory>

#include "decode/png/zlib_library.h"

namespace pixtok::fuzz {

// The system's; ends the process where it cannot be opened.
std::shared_ptr<const decode::ZlibLibrary> zlib_in_use();

}  // namespace pixtok::fuzz
