#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "decode/jpeg/huffman_table.h"
#include "decode/jpeg/jpeg_bits.h"
#include "decode/jpeg/jpeg_markers.h"
#include "decode/jpeg/jpeg_scan_layout.h"

namespace pixtok::decode {

// One scan of Huffman-coded data, decoded as far as it takes to know where it ends and whether
// libjpeg gives up: symbol by symbol, without coefficients or pixels (jdhuff.c, jdphuff.c,
// jdlhuff.c).
class JpegScan {
 public:
  // The arguments must outlive the object.
  JpegScan(JpegInput& input, JpegMarkers& markers, const std::vector<JpegBlocks>& blocks)
      : input_(input), markers_(markers), blocks_(blocks), bits_(input, markers.unread) {}

  // To be called once, first. Never suspends.
  JpegStep begin();

  // The next unit of the scan. To be called units() times.
  JpegStep decode_unit();
  std::size_t units() const { return layout_.units; }

 private:
  bool is_first_of_bits() const { return markers_.scan.high_bit == 0; }
  bool build_tables();
  bool restart();
  bool decode_symbols();
  bool decode_differences();
  bool decode_sequential();
  bool decode_sequential_fast();
  bool decode_first_dc();

  JpegInput& input_;
  JpegMarkers& markers_;
  const std::vector<JpegBlocks>& blocks_;
  JpegBits bits_;
  JpegScanLayout layout_;
  std::array<HuffmanDecoder, JpegMarkers::kTables> dc_;
  std::array<HuffmanDecoder, JpegMarkers::kTables> ac_;
  std::array<std::int64_t, JpegMarkers::kTables> last_dc_{};  // by component of the scan
  int to_restart_ = 0;
  bool overflown_ = false;
};

}  // namespace pixtok::decode
