#pragma once

#include <cstddef>
#include <cstdint>

#include "core/pixel_view.h"

namespace pixtok::decode {

// How files without a codec of their own store a row of pixels; the names are those of Pillow's raw
// modes. Bits come from the highest down, numbers of 15 and 16 bits from their low byte up.
enum class RowFormat {
  kBits,          // 1 is white
  kInvertedBits,  // 1 is black
  kGrey,
  kGreyAlpha,
  kGrey16BigEndian,  // clipped to a byte, as Pillow's convert() does
  kFloat,            // grey of 32 bits, likewise
  kFloatBigEndian,
  kIndices1,
  kIndices4,
  kIndices8,
  kBgr15,
  kBgr16,
  kBgra15Inverted,  // the bit of alpha is 1 where nothing shows
  kRgb,
  kBgr,
  kBgrx,
  kXbgr,
  kBgxr,
  kRgba,
  kBgra,
  kAbgr,
  kBgar,
  kCmyk,
};

int bits_per_pixel(RowFormat format);

// Of a row, in the file.
inline std::uint64_t row_bytes(RowFormat format, int width) {
  return (static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(bits_per_pixel(format)) +
          7) /
         8;
}

// What unpack_row() makes of it.
core::PixelFormat unpacked_format(RowFormat format);

// Whether a row is what unpack_row() would make of it.
bool is_unpacked(RowFormat format);

// `width` pixels. Preconditions: row_bytes() are readable, and the unpacked pixels writable.
void unpack_row(RowFormat format, const std::uint8_t* row, int width, std::uint8_t* pixels);

}  // namespace pixtok::decode
