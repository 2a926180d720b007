#include "fuzz/webp_in_use.h"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace pixtok::fuzz {

std::shared_ptr<const decode::WebpLibrary> webp_in_use() {
  static const auto library = []() -> std::shared_ptr<const decode::WebpLibrary> {
    const char* path = std::getenv("PIXTOK_FUZZ_WEBP_LIBRARY");
    if (path == nullptr) return nullptr;
    std::string error;
    auto opened = decode::WebpLibrary::open(path, error);
    if (opened == nullptr) {
      std::fprintf(stderr, "%s\n", error.c_str());
      std::exit(2);
    }
    return opened;
  }();
  return library;
}

}  // namespace pixtok::fuzz
