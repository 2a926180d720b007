#include "decode/webp/webp_library.h"

#include "decode/library_functions.h"

namespace pixtok::decode {

namespace {

std::string version_text(int version) {
  return std::to_string(version >> 16) + "." + std::to_string(version >> 8 & 0xFF) + "." +
         std::to_string(version & 0xFF);
}

}  // namespace

bool is_known_webp(int version) {
  constexpr int kOldest = 0x010302;
  constexpr int kNewest = 0x0106FF;
  return version >= kOldest && version <= kNewest;
}

std::shared_ptr<const WebpLibrary> WebpLibrary::open(const std::string& path, std::string& error) {
  auto opened = std::make_shared<WebpLibrary>();
  opened->path_ = path;
  opened->library_.reset(core::open_library(path, error));
  void* library = opened->library_.get();
  if (library == nullptr) return nullptr;
  webp::VersionFunction version = nullptr;
  LibraryFunctions functions([&](const char* name) { return core::find_symbol(library, name); });
  functions.take("WebPGetDecoderVersion", version);
  functions.take("WebPInitDecoderConfigInternal", opened->init_config);
  functions.take("WebPDecode", opened->decode);
  if (!functions.complete()) {
    error = path + ": libwebp is needed, this is another library";
    return nullptr;
  }
  opened->version_ = version_text(version());
  webp::Config config;
  if (!is_known_webp(version()) || opened->init_config(&config, webp::kInterface) == 0) {
    error = path + ": libwebp 1.3.2 to 1.6 is needed, this is " + opened->version_;
    return nullptr;
  }
  return opened;
}

}  // namespace pixtok::decode
