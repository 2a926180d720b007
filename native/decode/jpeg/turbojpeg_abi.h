#pragma once

#include <cstddef>

// The part of the TurboJPEG 3 interface that is used, stated here because the library is opened at
// run time and its header is not needed to build. Names and values are those of turbojpeg.h.
namespace pixtok::decode::turbojpeg {

using Handle = void*;

enum Init { kInitDecompress = 1 };

enum Parameter {
  kSubsampling = 4,
  kJpegWidth = 5,
  kJpegHeight = 6,
  kPrecision = 7,
  kColorspace = 8,
  kScanLimit = 13,
  kLossless = 15,
};

enum Colorspace { kYcbcr = 1, kGrey = 2, kCmyk = 3, kYcck = 4 };

enum Subsampling { k444 = 0, k422 = 1, k420 = 2, kGreyOnly = 3, k440 = 4 };

enum PixelFormat { kPixelRgb = 0, kPixelCmyk = 11 };

struct ScalingFactor {
  int numerator;
  int denominator;
};

using InitFunction = Handle (*)(int init_type);
using DestroyFunction = void (*)(Handle);
using GetFunction = int (*)(Handle, int parameter);
using SetFunction = int (*)(Handle, int parameter, int value);
using SetScalingFactorFunction = int (*)(Handle, ScalingFactor);
using DecompressHeaderFunction = int (*)(Handle, const unsigned char* jpeg, std::size_t size);
using Decompress8Function = int (*)(Handle, const unsigned char* jpeg, std::size_t size,
                                    unsigned char* target, int pitch, int pixel_format);
using DecompressToYuvPlanes8Function = int (*)(Handle, const unsigned char* jpeg, std::size_t size,
                                               unsigned char** planes, int* strides);
using GetErrorStringFunction = char* (*)(Handle);

}  // namespace pixtok::decode::turbojpeg
