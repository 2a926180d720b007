#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/bytes.h"
#include "core/pixel_view.h"
#include "decode/png/inflater.h"

namespace pixtok::decode {

// Colour types (PNG specification, third edition, 11.2.1).
enum class PngColour : std::uint8_t {
  kGrey = 0,
  kRgb = 2,
  kIndexed = 3,
  kGreyAlpha = 4,
  kRgba = 6,
};

// IHDR.
struct PngHeader {
  int width = 0;
  int height = 0;
  int depth = 0;  // bits of a sample
  PngColour colour = PngColour::kGrey;
  bool interlaced = false;

  int bits_per_pixel() const;
};

// A PNG file that all decoders show alike: whole, in order, and without what is seldom.
struct PngFile {
  PngHeader header;
  // Of an indexed image its colours, and black behind them; of grey one with less than 8 bits its
  // levels.
  core::Palette palette{};
  int colours = 0;

  // The chunks of pixels, one behind the other: IDAT alone.
  std::size_t data = 0;  // where in the file the first of them begins
  std::size_t data_chunks = 0;
  std::size_t data_bytes = 0;  // the contents of all of them

  core::Bytes exif;
  core::Bytes xmp;
};

// False for whatever has to be judged. No pixels are looked at, nor their checksums: neither does
// Pillow. Throws std::bad_alloc.
bool read_png_file(core::Bytes file, Inflater& inflater, core::ScratchBuffer& scratch,
                   PngFile& png);

// Null where a file does not begin with a header that all decoders take.
std::optional<PngHeader> read_png_header(core::Bytes start);

// `compressed` is filled with the contents of the chunks, where these are not one: what is given
// lies there, or in the file.
core::Bytes png_data(core::Bytes file, const PngFile& png, core::ScratchBuffer& compressed);

}  // namespace pixtok::decode
