#include "decode/jpeg/jpeg_library.h"

#include "decode/library_functions.h"

namespace pixtok::decode {

std::shared_ptr<const JpegLibrary> JpegLibrary::open(const std::string& path, std::string& error) {
  auto opened = std::make_shared<JpegLibrary>();
  opened->path_ = path;
  opened->library_.reset(core::open_library(path, error));
  void* library = opened->library_.get();
  if (library == nullptr) return nullptr;
  LibraryFunctions functions([&](const char* name) { return core::find_symbol(library, name); });
  functions.take("tj3Init", opened->init);
  functions.take("tj3Destroy", opened->destroy);
  functions.take("tj3Get", opened->get);
  functions.take("tj3Set", opened->set);
  functions.take("tj3SetScalingFactor", opened->set_scaling_factor);
  functions.take("tj3DecompressHeader", opened->decompress_header);
  functions.take("tj3Decompress8", opened->decompress8);
  functions.take("tj3DecompressToYUVPlanes8", opened->decompress_to_yuv_planes8);
  functions.take("tj3GetErrorStr", opened->get_error_string);
  if (!functions.complete()) {
    error = path + ": TurboJPEG 3.0 or newer is needed, this library is older";
    return nullptr;
  }
  if (core::find_symbol(library, "tj3GetICCProfile") != nullptr) opened->interface_version_ = "3.1";
  return opened;
}

}  // namespace pixtok::decode
