#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "decode/jpeg/jpeg_markers.h"

namespace pixtok::decode {

// How many blocks a component has.
struct JpegBlocks {
  std::size_t across = 0;
  std::size_t down = 0;
};

// How the blocks of a scan follow one another (T.81, A.2).
struct JpegScanLayout {
  static constexpr std::size_t kMostBlocks = 10;

  std::size_t units = 0;
  std::size_t units_across = 0;
  std::size_t blocks_in_unit = 0;
  std::array<std::size_t, kMostBlocks> components{};  // of the scan, for each block of a unit
};

// Of the scan whose header has been read last. False for what libjpeg refuses: too many blocks in a
// unit, a quantization table that is not there, numbers of coefficients that do not go together.
bool lay_out_scan(JpegMarkers& markers, const std::vector<JpegBlocks>& blocks,
                  JpegScanLayout& layout);

}  // namespace pixtok::decode
