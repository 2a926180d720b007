#pragma once

#include <cstddef>
#include <cstdint>

namespace pixtok::kernels {

// Rows of an image go through the passes as three planes, red, green and blue.
//
// Preconditions of all: rows that are read are readable for core::kTailPadding bytes past their
// end; planes that are written start at a multiple of core::kAlignment and are writable up to the
// next one past their end.

// Interleaved red, green and blue bytes.
using SplitRgb = void (*)(const std::uint8_t* pixels, int width, std::uint8_t* const* planes);

// JPEG's conversion (ITU-T T.871, in libjpeg's fixed point with 16 fraction bits).
using YccToRgb = void (*)(const std::uint8_t* luma, const std::uint8_t* cb, const std::uint8_t* cr,
                          int width, std::uint8_t* const* planes);

// Chroma to twice the resolution by libjpeg's "fancy" triangle filter: 3/4 of the nearer sample and
// 1/4 of the farther one on each axis, rounded up and down by turns. Of two rows the near one is
// that which the output row lies in.
//
// To 2 * width samples, writable up to twice the next multiple of core::kAlignment past `width`.
// Precondition: the rows are readable one byte before their start as well. The first and the last
// sample come out as if the row went on with what stands beside it in memory: at an image's edge
// the caller puts them right.
using UpsampleAcross = void (*)(const std::uint8_t* row, int width, std::uint8_t* target);
using UpsampleBoth = void (*)(const std::uint8_t* near_row, const std::uint8_t* far_row, int width,
                              std::uint8_t* target);
// To `width` samples. `bias` is 1 where the farther row is above, 2 where it is below.
using UpsampleDown = void (*)(const std::uint8_t* near_row, const std::uint8_t* far_row, int bias,
                              int width, std::uint8_t* target);

struct ColourKernels {
  SplitRgb split_rgb;
  YccToRgb ycc_to_rgb;
  UpsampleAcross upsample_across;
  UpsampleBoth upsample_both;
  UpsampleDown upsample_down;
};

extern const ColourKernels kScalarColour;
extern const ColourKernels kAvx2Colour;
extern const ColourKernels kAvx512Colour;
extern const ColourKernels kNeonColour;

}  // namespace pixtok::kernels
