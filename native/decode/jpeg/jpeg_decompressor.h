#pragma once

#include <cstddef>
#include <cstdint>

#include "decode/jpeg/jpeg_library.h"
#include "decode/jpeg/jpeg_planes.h"
#include "decode/jpeg/turbojpeg_abi.h"

namespace pixtok::decode {

// A file that is being read by libjpeg-turbo. A new one for every file: a decompressor that is used
// again keeps the Huffman and quantization tables of the file before, and lends them to a file that
// has none. It costs half a microsecond.
class JpegDecompressor {
 public:
  // The arguments must outlive the object. Throws std::bad_alloc.
  JpegDecompressor(const JpegLibrary& library, const std::uint8_t* file, std::size_t size);
  ~JpegDecompressor();
  JpegDecompressor(const JpegDecompressor&) = delete;
  JpegDecompressor& operator=(const JpegDecompressor&) = delete;

  // False where the library complains. It does not say whether it went on after that or gave up:
  // what it has written then is not to be relied upon. Throw std::bad_alloc where it says that it
  // has no memory.
  bool read_header();
  // Rows without gaps.
  bool decompress(std::uint8_t* target, int pixel_format);
  // As they are stored, chroma not upsampled. Precondition: `planes` are reserved for this file.
  bool decompress_planes(JpegPlanes& planes);

  // -1 for what the header does not say.
  int get(turbojpeg::Parameter parameter) const { return library_.get(handle_, parameter); }

  // Decompress to 1 / `denominator` of the size. Precondition: 2, 4 or 8, which every version of
  // the library can do.
  void shrink_by(int denominator) { (void)library_.set_scaling_factor(handle_, {1, denominator}); }

 private:
  bool succeeded(int result) const;

  const JpegLibrary& library_;
  const std::uint8_t* file_;
  std::size_t size_;
  turbojpeg::Handle handle_;
};

}  // namespace pixtok::decode
