// What decoders hold of a large image when they are told to keep nothing.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "decode/bmp/bmp_decoder.h"
#include "decode/gif/gif_decoder.h"
#include "decode/jpeg/jpeg_decoder.h"
#include "decode/netpbm/netpbm_decoder.h"
#include "decode/png/png_decoder.h"
#include "decode/qoi/qoi_decoder.h"
#include "decode/tga/tga_decoder.h"
#include "decode/webp/webp_decoder.h"
#include "kernels/kernel_table.h"
#include "test/check.h"
#include "test/images.h"
#include "test/system_zlib.h"

// The one in the other: without the C library that has the macro, it cannot even be named.
#ifdef __GLIBC__
#if __GLIBC_PREREQ(2, 33)

namespace {

using namespace pixtok;
using test::FileBytes;

// What the process has of the C library, which tells it exactly.
std::size_t taken() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

// Not where a sanitizer has brought an allocator of its own.
bool is_told() {
  const std::size_t before = taken();
  void* volatile block = std::malloc(std::size_t{1} << 20U);
  const bool told = taken() > before;
  std::free(block);
  return told;
}

// Decodes twice, as a thread does: the second time what is kept from the first is there again.
void check_released(decode::ImageDecoder& decoder, const FileBytes& file, const std::string& name) {
  constexpr std::size_t kSmall = 4096;
  const auto decode_once = [&] {
    decode::ImageSize size;
    core::PixelView pixels;
    CHECK(decoder.reads(test::view_of(file)) && decoder.open(test::view_of(file), size).ok());
    const core::Status status = decoder.decode(1, pixels);
    if (!status.ok()) test::fail(__FILE__, __LINE__, name + ": " + status.message);
    decoder.close();
  };
  decode_once();
  decoder.trim(0);
  const std::size_t before = taken();
  decode_once();
  CHECK(taken() > before + kSmall);
  decoder.trim(0);
  if (taken() > before + kSmall) test::fail(__FILE__, __LINE__, name);
}

FileBytes image(const std::string& name) { return test::read_image("images/" + name); }

// A square of one colour, in runs of 62 pixels (the format's specification).
FileBytes plain_qoi(std::uint8_t side) {
  FileBytes file = {'q', 'o', 'i', 'f', 0, 0, 0, side, 0, 0, 0, side, 3, 0};
  for (int left = side * side; left > 0; left -= 62) {
    file.push_back(static_cast<std::uint8_t>(0xC0 | ((left < 62 ? left : 62) - 1)));
  }
  file.insert(file.end(), {0, 0, 0, 0, 0, 0, 0, 1});
  return file;
}

// A square of 100 pixels a side, from right to left, each row a run (Truevision's specification).
FileBytes packed_tga() {
  FileBytes file = {0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 0, 100, 0, 24, 0x10};
  for (int row = 0; row < 100; ++row) file.insert(file.end(), {0x80 | 99, 1, 2, 3});
  return file;
}

// The same of grey with alpha, whose levels are looked up in a palette of one colour.
FileBytes indexed_tga() {
  FileBytes file = {0, 1, 3, 0, 0, 1, 0, 24, 0, 0, 0, 0, 100, 0, 100, 0, 16, 0, 1, 2, 3};
  file.resize(file.size() + std::size_t{2} * 100 * 100);
  return file;
}

// The same of 24 bits, its rows from the bottom up.
FileBytes plain_bmp() {
  FileBytes file = {'B', 'M', 0, 0,   0, 0, 0, 0,   0, 0, 54, 0, 0, 0,  40,
                    0,   0,   0, 100, 0, 0, 0, 100, 0, 0, 0,  1, 0, 24, 0};
  file.resize(54 + std::size_t{3} * 100 * 100);
  return file;
}

TEST("no decoder keeps memory of an image that it is not to keep") {
  if (!is_told()) return;
  std::string error;
  const auto jpeg = decode::JpegLibrary::open(test::jpeg_library(), error);
  decode::JpegDecoder own(nullptr, kernels::chosen().idct);
  check_released(own, image("jpeg-500x375.jpg"), "JPEG, our own");
  if (jpeg != nullptr) {
    decode::JpegDecoder library(jpeg, kernels::chosen().idct);
    for (const char* name : {"jpeg-progressive.jpg", "jpeg-cmyk.jpg", "jpeg-rgb.jpg"}) {
      check_released(library, image(name), name);
    }
  }
  decode::GifDecoder gif;
  check_released(gif, image("gif-canvas.gif"), "GIF");
  check_released(gif, image("gif-still.gif"), "GIF");
  const auto zlib = test::zlib_at(test::zlib_library(), error);
  if (zlib != nullptr) {
    decode::PngDecoder png(zlib, kernels::chosen().unfilter);
    for (const char* name : {"png-rgb.png", "png-rgb-interlaced.png", "png-l-16bit.png"}) {
      check_released(png, image(name), name);
    }
  }
  const auto webp = decode::WebpLibrary::open(test::webp_library(), error);
  if (webp != nullptr) {
    decode::WebpDecoder decoder(webp);
    check_released(decoder, image("webp-lossless.webp"), "WebP");
  }
  std::string numbers = "P2 100 100 255 ";
  for (int i = 0; i < 100 * 100; ++i) numbers += "7 ";
  decode::NetpbmDecoder netpbm;
  check_released(netpbm, FileBytes(numbers.begin(), numbers.end()), "Netpbm");
  decode::QoiDecoder qoi;
  check_released(qoi, plain_qoi(100), "QOI");
  decode::TgaDecoder tga;
  check_released(tga, packed_tga(), "TGA, packed");
  check_released(tga, indexed_tga(), "TGA, with a palette");
  decode::BmpDecoder bmp;
  check_released(bmp, plain_bmp(), "BMP");
}

}  // namespace

#endif
#endif
