#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/bytes.h"
#include "core/status.h"
#include "decode/jpeg/huffman_table.h"
#include "decode/jpeg/jpeg_markers.h"

namespace pixtok::decode {

// What a TIFF file says of the JPEG images that are its strips or tiles.
struct TiffJpegLayout {
  int columns = 0;
  int components = 0;
  // Sampling factors of the first component; the others have 1.
  int across = 1;
  int down = 1;
  bool is_ycc = false;
  std::int64_t max_pixels = 0;
};

// A strip or a tile.
struct TiffJpegBlock {
  core::Bytes jpeg;
  int rows = 0;
  bool may_be_taller = false;  // the last strip: rows that it has too many are left out
};

// What libtiff 4.7, in Pillow 13, says of JPEG strips and tiles; makes no pixels. For those of one
// image in their order: Huffman and quantization tables stay for those behind. Where data end
// early, libtiff has libjpeg read the end of the image, again and again; what libjpeg warns of, it
// does not look at.
class TiffJpegReader {
 public:
  explicit TiffJpegReader(const TiffJpegLayout& layout) : layout_(layout) {}

  // The tables of the whole file, before all blocks. Throws std::bad_alloc, as all that follow.
  core::Status read_tables(core::Bytes tables);

  // Fails where libtiff does. `width` and `height` are what the block declares: perhaps less than
  // its place has, or more rows where it may be taller.
  core::Status read_block(const TiffJpegBlock& block, int& width, int& height);

  // The tables that the next block finds, as a JPEG file of tables alone.
  std::vector<std::uint8_t> tables() const;

 private:
  core::Bytes ended(core::Bytes data);
  void lend_tables(JpegMarkers& markers) const;
  void keep_tables(const JpegMarkers& markers);
  bool fits(const JpegFrame& frame, const TiffJpegBlock& block) const;

  TiffJpegLayout layout_;
  std::vector<std::uint8_t> ended_;  // data with markers behind them
  std::array<QuantizationTable, JpegMarkers::kTables> quantization_;
  std::array<HuffmanTable, JpegMarkers::kTables> dc_tables_;
  std::array<HuffmanTable, JpegMarkers::kTables> ac_tables_;
};

}  // namespace pixtok::decode
