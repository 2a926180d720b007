#pragma once

#include <memory>
#include <string>

#include "core/platform.h"
#include "decode/webp/webp_abi.h"

namespace pixtok::decode {

// Whether a version, a byte each for major, minor and revision, is one that was compared with
// Pillow: 1.3.2, before which files can take over the process, to 1.6.
bool is_known_webp(int version);

// libwebp, or its decoder alone, opened at run time. Stays open for as long as somebody holds it.
class WebpLibrary {
 public:
  // Null, with the reason in `error`, when the library cannot be opened or is none of those that
  // are known.
  static std::shared_ptr<const WebpLibrary> open(const std::string& path, std::string& error);

  const std::string& path() const { return path_; }
  // "1.6.0"
  const std::string& version() const { return version_; }

  webp::InitConfigFunction init_config = nullptr;
  webp::DecodeFunction decode = nullptr;

 private:
  core::LibraryHandle library_;
  std::string path_;
  std::string version_;
};

}  // namespace pixtok::decode
