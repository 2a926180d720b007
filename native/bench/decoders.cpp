#include "bench/decoders.h"

#include <cstdint>
#include <optional>
#include <stdexcept>

#include "core/aligned_buffer.h"
#include "core/platform.h"
#include "decode/jpeg/baseline_decoder.h"
#include "decode/jpeg/jpeg_decompressor.h"
#include "decode/jpeg/jpeg_library.h"
#include "decode/jpeg/jpeg_planes.h"
#include "kernels/kernel_table.h"

namespace pixtok::bench {
namespace {

constexpr std::size_t kChannels = 3;

std::size_t rgb_bytes(int width, int height) {
  return kChannels * static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
}

// The format of the planes that a file stores; nothing where they cannot be had.
std::optional<core::PixelFormat> planes_format(const decode::JpegDecompressor& decompressor) {
  switch (decompressor.get(decode::turbojpeg::kSubsampling)) {
    case decode::turbojpeg::kGreyOnly:
      return core::PixelFormat::kPlanarRgb;
    case decode::turbojpeg::k444:
      return core::PixelFormat::kYcc444;
    case decode::turbojpeg::k422:
      return core::PixelFormat::kYcc422;
    case decode::turbojpeg::k440:
      return core::PixelFormat::kYcc440;
    case decode::turbojpeg::k420:
      return core::PixelFormat::kYcc420;
    default:
      return std::nullopt;
  }
}

class LibjpegTurbo {
 public:
  LibjpegTurbo(std::shared_ptr<const decode::JpegLibrary> library, bool to_planes)
      : library_(std::move(library)), to_planes_(to_planes) {}

  bool decode(core::Bytes file) {
    decode::JpegDecompressor decompressor(*library_, file.data, file.size);
    if (!decompressor.read_header()) return false;
    const int width = decompressor.get(decode::turbojpeg::kJpegWidth);
    const int height = decompressor.get(decode::turbojpeg::kJpegHeight);
    const auto format = planes_format(decompressor);
    if (!to_planes_ || !format) {
      std::uint8_t* target = rgb_.reserve(rgb_bytes(width, height));
      return decompressor.decompress(target, decode::turbojpeg::kPixelRgb);
    }
    planes_.reserve(*format, width, height);
    return decompressor.decompress_planes(planes_);
  }

 private:
  std::shared_ptr<const decode::JpegLibrary> library_;
  bool to_planes_;
  decode::JpegPlanes planes_;
  core::ScratchBuffer rgb_;
};

// The two functions of libwebp's decode.h that this takes.
class Libwebp {
 public:
  explicit Libwebp(const std::string& path) {
    std::string error;
    library_.reset(core::open_library(path, error));
    if (library_ == nullptr) throw std::runtime_error(error);
    resolve("WebPGetInfo", get_info_);
    resolve("WebPDecodeRGBInto", decode_rgb_into_);
  }

  bool decode(core::Bytes file, core::ScratchBuffer& rgb) const {
    int width = 0;
    int height = 0;
    if (get_info_(file.data, file.size, &width, &height) == 0) return false;
    const std::size_t bytes = rgb_bytes(width, height);
    std::uint8_t* target = rgb.reserve(bytes);
    const int stride = static_cast<int>(kChannels) * width;
    return decode_rgb_into_(file.data, file.size, target, bytes, stride) != nullptr;
  }

 private:
  template <typename Function>
  void resolve(const char* name, Function& function) {
    function = reinterpret_cast<Function>(core::find_symbol(library_.get(), name));
    if (function == nullptr) throw std::runtime_error(std::string("no function ") + name);
  }

  core::LibraryHandle library_;
  int (*get_info_)(const std::uint8_t*, std::size_t, int*, int*) = nullptr;
  std::uint8_t* (*decode_rgb_into_)(const std::uint8_t*, std::size_t, std::uint8_t*, std::size_t,
                                    int) = nullptr;
};

MakeDecode libjpeg_turbo(const std::string& path, bool to_planes) {
  std::string error;
  const auto library = decode::JpegLibrary::open(path, error);
  if (library == nullptr) throw std::runtime_error(error);
  return [library, to_planes] {
    const auto decoder = std::make_shared<LibjpegTurbo>(library, to_planes);
    return [decoder](core::Bytes file) { return decoder->decode(file); };
  };
}

MakeDecode baseline() {
  return [] {
    const auto decoder = std::make_shared<decode::BaselineDecoder>(kernels::chosen().idct);
    return [decoder](core::Bytes file) { return decoder->open(file) && decoder->decode(); };
  };
}

MakeDecode libwebp(const std::string& path) {
  const auto library = std::make_shared<const Libwebp>(path);
  return [library] {
    const auto rgb = std::make_shared<core::ScratchBuffer>();
    return [library, rgb](core::Bytes file) { return library->decode(file, *rgb); };
  };
}

}  // namespace

MakeDecode decoder_of(const std::string& name, const std::string& library) {
  if (name == "libjpeg-turbo") return libjpeg_turbo(library, false);
  if (name == "libjpeg-turbo-planes") return libjpeg_turbo(library, true);
  if (name == "baseline") return baseline();
  if (name == "libwebp") return libwebp(library);
  throw std::runtime_error("there is no decoder " + name);
}

}  // namespace pixtok::bench
