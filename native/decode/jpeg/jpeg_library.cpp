#include "decode/jpeg/jpeg_library.h"

namespace pixtok::decode {

namespace {

template <typename Function>
bool resolve(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(core::find_symbol(library, name));
  return function != nullptr;
}

}  // namespace

std::shared_ptr<const JpegLibrary> JpegLibrary::open(const std::string& path, std::string& error) {
  auto opened = std::make_shared<JpegLibrary>();
  opened->path_ = path;
  opened->library_.reset(core::open_library(path, error));
  void* library = opened->library_.get();
  if (library == nullptr) return nullptr;
  const bool complete =
      resolve(library, "tj3Init", opened->init) &&
      resolve(library, "tj3Destroy", opened->destroy) && resolve(library, "tj3Get", opened->get) &&
      resolve(library, "tj3Set", opened->set) &&
      resolve(library, "tj3SetScalingFactor", opened->set_scaling_factor) &&
      resolve(library, "tj3DecompressHeader", opened->decompress_header) &&
      resolve(library, "tj3Decompress8", opened->decompress8) &&
      resolve(library, "tj3DecompressToYUVPlanes8", opened->decompress_to_yuv_planes8) &&
      resolve(library, "tj3GetErrorStr", opened->get_error_string);
  if (!complete) {
    error = path + ": TurboJPEG 3.0 or newer is needed, this library is older";
    return nullptr;
  }
  if (core::find_symbol(library, "tj3GetICCProfile") != nullptr) opened->interface_version_ = "3.1";
  return opened;
}

}  // namespace pixtok::decode
