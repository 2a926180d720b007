#pragma once

#include <memory>
#include <string>

#include "core/platform.h"
#include "decode/jpeg/turbojpeg_abi.h"

namespace pixtok::decode {

// libjpeg-turbo, opened at run time. Stays open for as long as somebody holds it.
class JpegLibrary {
 public:
  // Null, with the reason in `error`, when the library cannot be opened or is older than
  // TurboJPEG 3.0.
  static std::shared_ptr<const JpegLibrary> open(const std::string& path, std::string& error);

  const std::string& path() const { return path_; }
  // "3.0" or "3.1": the newest interface that the library offers; it does not tell its own version.
  const char* interface_version() const { return interface_version_; }

  turbojpeg::InitFunction init = nullptr;
  turbojpeg::DestroyFunction destroy = nullptr;
  turbojpeg::GetFunction get = nullptr;
  turbojpeg::SetFunction set = nullptr;
  turbojpeg::SetScalingFactorFunction set_scaling_factor = nullptr;
  turbojpeg::DecompressHeaderFunction decompress_header = nullptr;
  turbojpeg::Decompress8Function decompress8 = nullptr;
  turbojpeg::DecompressToYuvPlanes8Function decompress_to_yuv_planes8 = nullptr;
  turbojpeg::GetErrorStringFunction get_error_string = nullptr;

 private:
  core::LibraryHandle library_;
  std::string path_;
  const char* interface_version_ = "3.0";
};

}  // namespace pixtok::decode
