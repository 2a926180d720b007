#include "fuzz/zlib_in_use.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "test/system_zlib.h"

namespace pixtok::fuzz {

std::shared_ptr<const decode::ZlibLibrary> zlib_in_use() {
  std::string error;
  auto zlib = test::zlib_at(test::system_zlib_name(), error);
  if (zlib == nullptr) {
    std::fprintf(stderr, "%s\n", error.c_str());
    std::exit(2);
  }
  return zlib;
}

}  // namespace pixtok::fuzz
