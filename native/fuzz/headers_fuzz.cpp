// What is read of a file beside its pixels: its kind, its end, its EXIF orientation.

#include "decode/exif.h"
#include "decode/image_header.h"
#include "fuzz/require.h"

using namespace pixtok;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)decode::is_jpeg(data, size);
  (void)decode::has_end_of_image(data, size);
  const int orientation = decode::jpeg_orientation(data, size);
  REQUIRE(orientation >= 1 && orientation <= 8);
  return 0;
}
