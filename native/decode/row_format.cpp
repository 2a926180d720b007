#include "decode/row_format.h"

#include <algorithm>
#include <cstring>

namespace pixtok::decode {

namespace {

using core::PixelFormat;

void unpack_bits(const std::uint8_t* row, int width, int flip, std::uint8_t* pixels) {
  for (int x = 0; x < width; ++x) {
    const int bit = row[x / 8] >> (7 - x % 8) & 1;
    pixels[x] = static_cast<std::uint8_t>((bit ^ flip) * 255);
  }
}

// Colours of 15 or 16 bits, blue lowest, green of `green_bits`.
void unpack_short(const std::uint8_t* row, int green_bits, bool alpha, int width,
                  std::uint8_t* pixels) {
  const int most_green = (1 << green_bits) - 1;
  for (int x = 0; x < width; ++x, row += 2) {
    const int pixel = row[0] | row[1] << 8;
    *pixels++ = static_cast<std::uint8_t>((pixel >> (5 + green_bits) & 31) * 255 / 31);
    *pixels++ = static_cast<std::uint8_t>((pixel >> 5 & most_green) * 255 / most_green);
    *pixels++ = static_cast<std::uint8_t>((pixel & 31) * 255 / 31);
    if (alpha) *pixels++ = pixel >> 15 == 0 ? 255 : 0;
  }
}

// Bytes of a pixel of `Stored` bytes, by their places.
template <int Stored, int... Places>
void pick(const std::uint8_t* row, int width, std::uint8_t* pixels) {
  for (int x = 0; x < width; ++x, row += Stored) ((*pixels++ = row[Places]), ...);
}

void unpack_grey16(const std::uint8_t* row, int width, std::uint8_t* pixels) {
  for (int x = 0; x < width; ++x, row += 2) pixels[x] = row[0] == 0 ? row[1] : 255;
}

void unpack_float(const std::uint8_t* row, bool big_endian, int width, std::uint8_t* pixels) {
  for (int x = 0; x < width; ++x, row += 4) {
    std::uint32_t bits = 0;
    for (int i = 0; i < 4; ++i) {
      bits |= static_cast<std::uint32_t>(row[big_endian ? 3 - i : i]) << 8 * i;
    }
    float value = 0;
    std::memcpy(&value, &bits, sizeof value);
    // what is not a number is 0, as in Pillow
    pixels[x] = value > 0 ? static_cast<std::uint8_t>(std::min(value, 255.0F)) : 0;
  }
}

}  // namespace

int bits_per_pixel(RowFormat format) {
  switch (format) {
    case RowFormat::kBits:
    case RowFormat::kInvertedBits:
    case RowFormat::kIndices1:
      return 1;
    case RowFormat::kIndices4:
      return 4;
    case RowFormat::kGrey:
    case RowFormat::kIndices8:
      return 8;
    case RowFormat::kGreyAlpha:
    case RowFormat::kGrey16BigEndian:
    case RowFormat::kBgr15:
    case RowFormat::kBgr16:
    case RowFormat::kBgra15Inverted:
      return 16;
    case RowFormat::kRgb:
    case RowFormat::kBgr:
      return 24;
    default:
      return 32;
  }
}

PixelFormat unpacked_format(RowFormat format) {
  switch (format) {
    case RowFormat::kBits:
    case RowFormat::kInvertedBits:
    case RowFormat::kGrey:
    case RowFormat::kGrey16BigEndian:
    case RowFormat::kFloat:
    case RowFormat::kFloatBigEndian:
      return PixelFormat::kGrey;
    case RowFormat::kGreyAlpha:
      return PixelFormat::kGreyAlpha;
    case RowFormat::kIndices1:
    case RowFormat::kIndices4:
    case RowFormat::kIndices8:
      return PixelFormat::kIndexed;
    case RowFormat::kBgra15Inverted:
    case RowFormat::kRgba:
    case RowFormat::kBgra:
    case RowFormat::kAbgr:
    case RowFormat::kBgar:
      return PixelFormat::kRgba;
    case RowFormat::kCmyk:
      return PixelFormat::kCmyk;
    default:
      return PixelFormat::kRgb;
  }
}

bool is_unpacked(RowFormat format) {
  return format == RowFormat::kGrey || format == RowFormat::kGreyAlpha ||
         format == RowFormat::kIndices8 || format == RowFormat::kRgb ||
         format == RowFormat::kRgba || format == RowFormat::kCmyk;
}

void unpack_row(RowFormat format, const std::uint8_t* row, int width, std::uint8_t* pixels) {
  switch (format) {
    case RowFormat::kBits:
      return unpack_bits(row, width, 0, pixels);
    case RowFormat::kInvertedBits:
      return unpack_bits(row, width, 1, pixels);
    case RowFormat::kIndices1:
      for (int x = 0; x < width; ++x) pixels[x] = row[x / 8] >> (7 - x % 8) & 1;
      return;
    case RowFormat::kIndices4:
      for (int x = 0; x < width; ++x) pixels[x] = row[x / 2] >> (4 - x % 2 * 4) & 15;
      return;
    case RowFormat::kGrey16BigEndian:
      return unpack_grey16(row, width, pixels);
    case RowFormat::kFloat:
      return unpack_float(row, false, width, pixels);
    case RowFormat::kFloatBigEndian:
      return unpack_float(row, true, width, pixels);
    case RowFormat::kBgr15:
      return unpack_short(row, 5, false, width, pixels);
    case RowFormat::kBgr16:
      return unpack_short(row, 6, false, width, pixels);
    case RowFormat::kBgra15Inverted:
      return unpack_short(row, 5, true, width, pixels);
    case RowFormat::kBgr:
      return pick<3, 2, 1, 0>(row, width, pixels);
    case RowFormat::kBgrx:
      return pick<4, 2, 1, 0>(row, width, pixels);
    case RowFormat::kXbgr:
      return pick<4, 3, 2, 1>(row, width, pixels);
    case RowFormat::kBgxr:
      return pick<4, 3, 1, 0>(row, width, pixels);
    case RowFormat::kBgra:
      return pick<4, 2, 1, 0, 3>(row, width, pixels);
    case RowFormat::kAbgr:
      return pick<4, 3, 2, 1, 0>(row, width, pixels);
    case RowFormat::kBgar:
      return pick<4, 3, 1, 0, 2>(row, width, pixels);
    case RowFormat::kGrey:
    case RowFormat::kGreyAlpha:
    case RowFormat::kIndices8:
    case RowFormat::kRgb:
    case RowFormat::kRgba:
    case RowFormat::kCmyk:
      break;
  }
  std::memcpy(pixels, row, static_cast<std::size_t>(row_bytes(format, width)));
}

}  // namespace pixtok::decode
