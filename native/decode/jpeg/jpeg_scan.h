#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "decode/jpeg/huffman_table.h"
#include "decode/jpeg/jpeg_bits.h"
#include "decode/jpeg/jpeg_markers.h"

namespace pixtok::decode {

// Which coefficients of a component are not zero: a bit each, in zigzag order, for every block. A
// progressive scan's length depends on it.
struct JpegBlocks {
  std::size_t across = 0;
  std::size_t down = 0;
  std::vector<std::uint64_t> nonzero;  // empty until a scan needs it
};

// One scan of Huffman-coded data, decoded as far as it takes to know where it ends: symbol by
// symbol, without coefficients or pixels (jdhuff.c, jdphuff.c).
class JpegScan {
 public:
  // The arguments must outlive the object.
  JpegScan(JpegInput& input, JpegMarkers& markers, std::vector<JpegBlocks>& blocks)
      : input_(input), markers_(markers), blocks_(blocks), bits_(input, markers.unread) {}

  // To be called once, first. Never suspends.
  JpegStep begin();

  // The next unit of the scan. To be called units() times.
  JpegStep decode_unit();
  std::size_t units() const { return units_; }

 private:
  static constexpr std::size_t kMostBlocks = 10;

  bool is_first_of_bits() const { return markers_.scan.high_bit == 0; }
  bool lay_out();
  bool quantization_is_known();
  bool build_tables();
  bool restart();
  bool decode_sequential();
  bool decode_sequential_fast();
  bool decode_first_dc();
  bool refine_dc();
  bool decode_first_ac();
  bool refine_ac();

  JpegInput& input_;
  JpegMarkers& markers_;
  std::vector<JpegBlocks>& blocks_;
  JpegBits bits_;
  std::size_t units_ = 0;
  std::size_t unit_ = 0;  // the next one
  std::array<std::size_t, kMostBlocks>
      block_components_{};  // of the scan, for each block of a unit
  std::size_t blocks_in_unit_ = 0;
  std::array<HuffmanDecoder, JpegMarkers::kTables> dc_;
  std::array<HuffmanDecoder, JpegMarkers::kTables> ac_;
  std::array<std::int64_t, JpegMarkers::kTables> last_dc_{};  // by component of the scan
  int to_restart_ = 0;
  unsigned empty_bands_ = 0;  // blocks to come without coefficients of this scan
  bool overflown_ = false;
};

}  // namespace pixtok::decode
