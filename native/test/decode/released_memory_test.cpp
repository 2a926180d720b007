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
#include "test/decode/png/png_chunks.h"
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

// Decodes a small image first, as a thread has: what does not grow with an image may stay.
void check_released(decode::ImageDecoder& decoder, const FileBytes& small, const FileBytes& large,
                    const std::string& name) {
  constexpr std::size_t kSmall = 4096;
  const auto decode = [&](const FileBytes& file) {
    decode::ImageSize size;
    core::PixelView pixels;
    CHECK(decoder.reads(test::view_of(file)) && decoder.open(test::view_of(file), size).ok());
    const core::Status status = decoder.decode(1, pixels);
    if (!status.ok()) test::fail(__FILE__, __LINE__, name + ": " + status.message);
  };
  decode(small);
  decoder.trim(0);
  const std::size_t before = taken();
  decode(large);
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

// A square, from right to left, each row a run (Truevision's specification). Precondition: a side
// of 128 pixels at most.
FileBytes packed_tga(std::uint8_t side) {
  FileBytes file = {0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, side, 0, side, 0, 24, 0x10};
  const auto run = static_cast<std::uint8_t>(0x80 | (side - 1));
  for (int row = 0; row < side; ++row) file.insert(file.end(), {run, 1, 2, 3});
  return file;
}

// The same of grey with alpha, whose levels are looked up in a palette of one colour.
FileBytes indexed_tga(std::uint8_t side) {
  FileBytes file = {0, 1, 3, 0, 0, 1, 0, 24, 0, 0, 0, 0, side, 0, side, 0, 16, 0, 1, 2, 3};
  file.resize(file.size() + std::size_t{2} * side * side);
  return file;
}

// The same of 24 bits, its rows from the bottom up. Precondition: a multiple of four pixels a side.
FileBytes plain_bmp(std::uint8_t side) {
  FileBytes file = {'B', 'M', 0, 0,    0, 0, 0, 0,    0, 0, 54, 0, 0, 0,  40,
                    0,   0,   0, side, 0, 0, 0, side, 0, 0, 0,  1, 0, 24, 0};
  file.resize(54 + std::size_t{3} * side * side);
  return file;
}

FileBytes plain_netpbm(int side) {
  const std::string size = std::to_string(side);
  std::string file = "P2 " + size + " " + size + " 255 ";
  for (int i = 0; i < side * side; ++i) file += "7 ";
  return {file.begin(), file.end()};
}

// With its pixels in two chunks. Precondition: a header, a chunk of pixels and an end.
FileBytes in_two_chunks(const FileBytes& png) {
  const auto data = png.begin() + test::kBehindPngHeader + 8;
  const auto end = png.end() - test::kPngEndBytes;
  const auto half = data + (end - 4 - data) / 2;
  FileBytes file(png.begin(), png.begin() + test::kBehindPngHeader);
  for (const FileBytes& part : {FileBytes(data, half), FileBytes(half, end - 4)}) {
    const FileBytes chunk = test::png_chunk("IDAT", part);
    file.insert(file.end(), chunk.begin(), chunk.end());
  }
  file.insert(file.end(), end, png.end());
  return file;
}

TEST("no decoder keeps memory of an image that it is not to keep") {
  if (!is_told()) return;
  std::string error;
  const auto jpeg = decode::JpegLibrary::open(test::jpeg_library(), error);
  decode::JpegDecoder own(nullptr, kernels::chosen().idct);
  const FileBytes small_jpeg = image("jpeg-301x17.jpg");
  check_released(own, small_jpeg, image("jpeg-500x375.jpg"), "JPEG, our own");
  if (jpeg != nullptr) {
    for (const char* name : {"jpeg-progressive.jpg", "jpeg-cmyk.jpg", "jpeg-rgb.jpg"}) {
      decode::JpegDecoder library(jpeg, kernels::chosen().idct);
      check_released(library, image("jpeg-1x1.jpg"), image(name), name);
    }
  }
  const auto first_of = [](const char* name, const char* collection) {
    return test::damaged_images(name, collection).front().file;
  };
  for (const char* name : {"gif-canvas.gif", "gif-still.gif", "gif-interlaced.gif"}) {
    decode::GifDecoder gif;
    check_released(gif, first_of("gif", "odd-gifs"), image(name), name);
  }
  const auto zlib = test::zlib_at(test::zlib_library(), error);
  if (zlib != nullptr) {
    const FileBytes small = image("png-1x1.png");
    for (const char* name :
         {"png-rgb.png", "png-rgb-interlaced.png", "png-l-16bit.png", "png-icc.png"}) {
      decode::PngDecoder png(zlib, kernels::chosen().unfilter);
      check_released(png, small, image(name), name);
    }
    decode::PngDecoder png(zlib, kernels::chosen().unfilter);
    check_released(png, small, in_two_chunks(image("png-rgb.png")), "PNG in two chunks");
  }
  const auto webp = decode::WebpLibrary::open(test::webp_library(), error);
  if (webp != nullptr) {
    decode::WebpDecoder decoder(webp);
    check_released(decoder, first_of("webp: lossy", "odd-webps"), image("webp-lossless.webp"),
                   "WebP");
  }
  decode::NetpbmDecoder netpbm;
  check_released(netpbm, plain_netpbm(1), plain_netpbm(100), "Netpbm");
  decode::QoiDecoder qoi;
  check_released(qoi, plain_qoi(1), plain_qoi(100), "QOI");
  decode::TgaDecoder packed;
  check_released(packed, packed_tga(1), packed_tga(100), "TGA, packed");
  decode::TgaDecoder indexed;
  check_released(indexed, indexed_tga(1), indexed_tga(100), "TGA, with a palette");
  decode::BmpDecoder bmp;
  check_released(bmp, plain_bmp(4), plain_bmp(100), "BMP");
}

}  // namespace

#endif
#endif
