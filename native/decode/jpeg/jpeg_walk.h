#pragma once

#include <vector>

#include "core/status.h"
#include "decode/jpeg/jpeg_input.h"
#include "decode/jpeg/jpeg_markers.h"
#include "decode/jpeg/jpeg_scan_layout.h"

namespace pixtok::decode {

// Goes through a JPEG image as libjpeg reads it, without making pixels, to know whether libjpeg
// gives up: kCorruptImage where it does, kTruncatedImage where the input ends. Throws
// std::bad_alloc.
class JpegWalk {
 public:
  // The arguments must outlive the object.
  JpegWalk(JpegInput& input, JpegMarkers& markers) : input_(input), markers_(markers) {}

  // As far as the next scan or the end of the image.
  core::Status read_to_scan();

  // What libjpeg asks of a frame before its first scan. Standard Huffman tables are put where there
  // are none. Precondition: read_to_scan() has reached a scan.
  core::Status set_up();

  // Huffman-coded, of one scan that has all coefficients. In such a scan libjpeg does not give up
  // once it has begun.
  bool is_sequential() const;

  // Begins the scan that has been reached, and goes no farther. Preconditions: set_up(),
  // is_sequential().
  core::Status begin_scan();

  // All scans: the one that has been reached and those behind it. A sequential image with one scan
  // is read as far as the end of that; for what follows, see read_end(). Precondition: set_up().
  core::Status read_scans(int most_scans);

  // Behind the last row libjpeg looks for the end of the image, in what is readable.
  core::Status read_end();

 private:
  template <typename Take>
  core::Status repeat(Take take);
  core::Status read_scan();
  core::Status pass_arithmetic();
  bool has_one_scan() const;

  JpegInput& input_;
  JpegMarkers& markers_;
  std::vector<JpegBlocks> blocks_;
};

}  // namespace pixtok::decode
