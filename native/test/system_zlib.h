#pragma once

#include <memory>
#include <string>

#include "decode/png/zlib_library.h"

// zlib for programs that have none in them, as Node has.
namespace pixtok::test {

// What the dynamic linker knows the system's by.
const char* system_zlib_name();

// The program's own where there is one. Null, with the reason in `error`, where there is none.
std::shared_ptr<const decode::ZlibLibrary> zlib_at(const std::string& path, std::string& error);

}  // namespace pixtok::test
