#pragma once

#include <cstdint>
#include <vector>

#include "core/bytes.h"
#include "core/status.h"

namespace pixtok::decode {

// What Pillow's JPEG plugin takes from the segments in front of the first scan, before libjpeg sees
// the file. The file must stay where it is.
struct JpegHeader {
  int width = 0;
  int height = 0;
  int layers = 0;                 // 1: grey, 3: colours, 4: CMYK
  bool arithmetic = false;        // else Huffman codes
  std::vector<core::Bytes> exif;  // pieces of one TIFF structure
  core::Bytes xmp;

  // decode/exif.h
  int orientation() const;
};

// Fails where the plugin refuses a file: where a segment is cut or not what the plugin can read,
// where there is no frame, or one of another kind than 8 bits in 1, 3 or 4 layers. It passes over
// what is between segments, as libjpeg does.
core::Status read_jpeg_header(core::Bytes file, JpegHeader& header);

// most_file_bytes() of a file that begins so: 16 bytes a pixel.
std::uint64_t most_jpeg_bytes(core::Bytes start, std::int64_t max_pixels);

}  // namespace pixtok::decode
