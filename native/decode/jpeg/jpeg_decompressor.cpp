#include "decode/jpeg/jpeg_decompressor.h"

#include <new>
#include <string_view>

namespace pixtok::decode {

namespace {

// Progressive files have ten scans or so. Each costs as much as the image is large, and takes a
// dozen bytes. jpeg_verdict() has the same limit.
constexpr int kMostScans = 500;

}  // namespace

JpegDecompressor::JpegDecompressor(const JpegLibrary& library, const std::uint8_t* file,
                                   std::size_t size)
    : library_(library),
      file_(file),
      size_(size),
      handle_(library.init(turbojpeg::kInitDecompress)) {
  if (handle_ == nullptr) throw std::bad_alloc();
  (void)library_.set(handle_, turbojpeg::kScanLimit, kMostScans);
}

JpegDecompressor::~JpegDecompressor() { library_.destroy(handle_); }

bool JpegDecompressor::read_header() {
  return succeeded(library_.decompress_header(handle_, file_, size_));
}

bool JpegDecompressor::decompress(std::uint8_t* target, int pixel_format) {
  return succeeded(library_.decompress8(handle_, file_, size_, target, 0, pixel_format));
}

bool JpegDecompressor::decompress_planes(JpegPlanes& planes) {
  std::uint8_t* memory[] = {planes.plane(0), planes.plane(1), planes.plane(2)};
  int strides[] = {static_cast<int>(planes.stride(0)), static_cast<int>(planes.stride(1)),
                   static_cast<int>(planes.stride(2))};
  return succeeded(library_.decompress_to_yuv_planes8(handle_, file_, size_, memory, strides));
}

// The library keeps the text of the first warning, or else of the error that ended its work; the
// code tells one from the other only where there was no warning.
bool JpegDecompressor::succeeded(int result) const {
  if (result == 0) return true;
  const std::string_view message = library_.get_error_string(handle_);
  for (const char* no_memory : {"Insufficient memory", "Memory allocation failure"}) {
    if (message.find(no_memory) != std::string_view::npos) throw std::bad_alloc();
  }
  return false;
}

}  // namespace pixtok::decode
