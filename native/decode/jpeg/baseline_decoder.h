#pragma once

#include "core/bytes.h"
#include "core/pixel_view.h"
#include "decode/jpeg/baseline_file.h"
#include "decode/jpeg/jpeg_planes.h"
#include "decode/jpeg/scan_data.h"
#include "decode/jpeg/scan_decoder.h"
#include "kernels/idct/idct_kernels.h"

namespace pixtok::decode {

// JPEG files of the common kinds to planes, bit for bit those of libjpeg-turbo: baseline and
// extended sequential Huffman coding of 8 bits in one scan, grey or YCbCr with whole or half
// chroma. What is of another kind or in any way odd is given up, and left for libjpeg-turbo to
// read or refuse. For one thread.
class BaselineDecoder {
 public:
  explicit BaselineDecoder(const kernels::IdctKernels& kernels) : scan_(kernels, data_) {}
  BaselineDecoder(const BaselineDecoder&) = delete;
  BaselineDecoder& operator=(const BaselineDecoder&) = delete;

  // Reads what is in front of the scan. False: given up. The file must stay where it is until it is
  // decoded. Throws std::bad_alloc.
  bool open(core::Bytes file);

  int width() const { return file_.width; }
  int height() const { return file_.height; }

  // False: given up. Throws std::bad_alloc. Precondition: open() has succeeded, and this has not
  // been called since.
  bool decode();

  // Valid until the next decode(). Precondition: decode() has succeeded.
  core::PixelView pixels() const { return planes_.view(); }

  void trim(std::size_t keep_at_most);

 private:
  BaselineFile file_;
  ScanData data_;
  JpegPlanes planes_;
  ScanDecoder scan_;
};

}  // namespace pixtok::decode
