#pragma once

#include <memory>
#include <string>

#include "core/platform.h"
#include "decode/png/zlib_abi.h"

namespace pixtok::decode {

// zlib, found at run time. Stays open for as long as somebody holds it.
class ZlibLibrary {
 public:
  // The one that the running program has and exports, as Node does; null where there is none.
  static std::shared_ptr<const ZlibLibrary> of_program();

  // Null, with the reason in `error`, when the library cannot be opened or lacks a function.
  static std::shared_ptr<const ZlibLibrary> open(const std::string& path, std::string& error);

  zlib::VersionFunction version = nullptr;
  zlib::InflateInit2Function inflate_init2 = nullptr;
  zlib::InflateFunction inflate = nullptr;
  zlib::InflateResetFunction inflate_reset = nullptr;
  zlib::InflateEndFunction inflate_end = nullptr;
  zlib::Crc32Function crc32 = nullptr;

 private:
  template <typename Find>
  bool resolve(Find find);

  core::LibraryHandle library_;
};

}  // namespace pixtok::decode
