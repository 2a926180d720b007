#pragma once

#include <array>
#include <cstddef>

#include "core/bytes.h"
#include "core/pixel_view.h"
#include "decode/jpeg/huffman_table.h"
#include "decode/jpeg/jpeg_markers.h"

namespace pixtok::decode {

// One component of a frame: how many blocks of it a unit of the scan has, and its tables.
struct BaselineComponent {
  int across = 1;
  int down = 1;
  QuantizationTable quantization;
  HuffmanTable dc;
  HuffmanTable ac;
};

// What stands in front of the only scan of a file that BaselineDecoder reads.
struct BaselineFile {
  int width = 0;
  int height = 0;
  core::PixelFormat format = core::PixelFormat::kPlanarRgb;  // that: grey
  int components = 0;
  std::array<BaselineComponent, 3> component;
  int restart_interval = 0;  // in units; 0: none
  core::Bytes scan;          // to the end of the file

  // In units of the scan (T.81, A.2.4: minimum coded units).
  int units_across() const { return parts(width, 8 * component[0].across); }
  int units_down() const { return parts(height, 8 * component[0].down); }

 private:
  static int parts(int whole, int part) { return (whole + part - 1) / part; }
};

// False where the file is not of the kind, or has anything in front of the scan that libjpeg would
// not expect: that is for libjpeg to judge. `scan` stays where the file is. Throws std::bad_alloc.
bool read_baseline_file(core::Bytes file, BaselineFile& read);

}  // namespace pixtok::decode
