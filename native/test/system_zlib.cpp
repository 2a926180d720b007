#include "test/system_zlib.h"

namespace pixtok::test {

const char* system_zlib_name() {
#if defined(_WIN32)
  return "zlib1.dll";
#elif defined(__APPLE__)
  return "libz.1.dylib";
#else
  return "libz.so.1";
#endif
}

std::shared_ptr<const decode::ZlibLibrary> zlib_at(const std::string& path, std::string& error) {
  auto zlib = decode::ZlibLibrary::of_program();
  return zlib == nullptr ? decode::ZlibLibrary::open(path, error) : zlib;
}

}  // namespace pixtok::test
