#pragma once

#include <cstddef>
#include <cstdint>

// The part of libwebp's decoder interface that is used, stated here because the library is opened
// at run time and its headers are not needed to build. Fields and values are those of
// webp/decode.h, whose layout is the same for every version of the interface with this major
// number.
namespace pixtok::decode::webp {

// Of which the library compares the upper byte, the major number.
inline constexpr int kInterface = 0x0200;

enum DecodeStatus { kOk = 0, kOutOfMemory = 1 };

enum Colours { kRgb = 0, kRgba = 1 };

struct Features {
  int width;
  int height;
  int has_alpha;
  int has_animation;
  int format;
  std::uint32_t pad[5];
};

struct PackedPixels {
  std::uint8_t* pixels;
  int stride;
  std::size_t size;
};

struct PlanarPixels {
  std::uint8_t* planes[4];
  int strides[4];
  std::size_t sizes[4];
};

struct Output {
  int colours;
  int width;
  int height;
  int is_external_memory;  // 1: the caller's
  union {
    PackedPixels packed;
    PlanarPixels planar;
  } memory;
  std::uint32_t pad[4];
  std::uint8_t* private_memory;
};

struct Options {
  int bypass_filtering;
  int no_fancy_upsampling;
  int use_cropping;
  int crop[4];
  int use_scaling;
  int scaled[2];
  int use_threads;
  int dithering_strength;
  int flip;
  int alpha_dithering_strength;
  std::uint32_t pad[5];
};

struct Config {
  Features input;
  Output output;
  Options options;
};

// A byte each for major, minor and revision.
using VersionFunction = int (*)();
// Sets every field to what it is by default. Zero where the interface is not the library's.
using InitConfigFunction = int (*)(Config*, int interface);
using DecodeFunction = int (*)(const std::uint8_t* data, std::size_t size, Config*);

}  // namespace pixtok::decode::webp
