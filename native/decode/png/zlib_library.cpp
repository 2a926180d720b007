#include "decode/png/zlib_library.h"

#include "decode/library_functions.h"

namespace pixtok::decode {

// All of them, so that they are of one library.
template <typename Find>
bool ZlibLibrary::resolve(Find find) {
  LibraryFunctions functions(find);
  functions.take("zlibVersion", version);
  functions.take("inflateInit2_", inflate_init2);
  functions.take("inflate", inflate);
  functions.take("inflateReset", inflate_reset);
  functions.take("inflateEnd", inflate_end);
  functions.take("crc32", crc32);
  return functions.complete() && version()[0] == '1';
}

std::shared_ptr<const ZlibLibrary> ZlibLibrary::of_program() {
  // With Chromium's prefix where the plain names are another's.
  for (const char* prefix : {"", "Cr_z_"}) {
    auto found = std::make_shared<ZlibLibrary>();
    const auto find = [&](const char* name) {
      return core::find_program_symbol((std::string(prefix) + name).c_str());
    };
    if (found->resolve(find)) return found;
  }
  return nullptr;
}

std::shared_ptr<const ZlibLibrary> ZlibLibrary::open(const std::string& path, std::string& error) {
  auto opened = std::make_shared<ZlibLibrary>();
  opened->library_.reset(core::open_library(path, error));
  void* library = opened->library_.get();
  if (library == nullptr) return nullptr;
  if (opened->resolve([&](const char* name) { return core::find_symbol(library, name); })) {
    return opened;
  }
  error = path + ": zlib 1 is needed, this is another library";
  return nullptr;
}

}  // namespace pixtok::decode
