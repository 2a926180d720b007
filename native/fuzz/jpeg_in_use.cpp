#include "fuzz/jpeg_in_use.h"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace pixtok::fuzz {

std::shared_ptr<const decode::JpegLibrary> jpeg_in_use() {
  static const auto library = [] {
    const char* path = std::getenv("PIXTOK_FUZZ_JPEG_LIBRARY");
    std::string error = "PIXTOK_FUZZ_JPEG_LIBRARY: expected the path of libturbojpeg";
    auto opened = path == nullptr ? nullptr : decode::JpegLibrary::open(path, error);
    if (opened == nullptr) {
      std::fprintf(stderr, "%s\n", error.c_str());
      std::exit(2);
    }
    return opened;
  }();
  return library;
}

}  // namespace pixtok::fuzz
