// What is read of a file beside its pixels: its kind, its segments, its orientation, its verdict.

#include "decode/exif.h"
#include "decode/file_signature.h"
#include "decode/jpeg/jpeg_header.h"
#include "decode/jpeg/jpeg_verdict.h"
#include "decode/most_file_bytes.h"
#include "fuzz/require.h"

using namespace pixtok;

namespace {

void require_orientation(int orientation) { REQUIRE(orientation >= 1 && orientation <= 8); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const core::Bytes file{data, size};
  (void)decode::is_jpeg(data, size);
  (void)decode::jpeg_verdict(file);
  require_orientation(decode::exif_orientation(file, {}));
  require_orientation(decode::exif_orientation({}, file));
  (void)decode::has_readable_exif_resolution(file);
  decode::JpegHeader header;
  if (!decode::read_jpeg_header(file, header).ok()) return 0;
  require_orientation(header.orientation());
  constexpr std::int64_t kMaxPixels = 1 << 20;
  REQUIRE(decode::most_jpeg_bytes(file, kMaxPixels) >= decode::kMostFileBytes);
  return 0;
}
