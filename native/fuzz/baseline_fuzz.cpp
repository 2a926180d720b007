// The decoder of our own against libjpeg-turbo: what it accepts, libjpeg-turbo reads without a
// complaint and to the same planes; and it accepts the same by every kernel.

#include <optional>
#include <vector>

#include "decode/jpeg/baseline_decoder.h"
#include "decode/jpeg/jpeg_decompressor.h"
#include "fuzz/drawn_plan.h"
#include "fuzz/jpeg_in_use.h"
#include "fuzz/require.h"
#include "fuzz/visible_bytes.h"
#include "kernels/kernel_table.h"

using namespace pixtok;

namespace {

using Bytes = std::vector<std::uint8_t>;

std::optional<Bytes> decoded(decode::BaselineDecoder& decoder, core::Bytes file) {
  if (!decoder.open(file)) return std::nullopt;
  if (std::int64_t{decoder.width()} * decoder.height() > fuzz::kMaxPixels) return std::nullopt;
  if (!decoder.decode()) return std::nullopt;
  return fuzz::visible_bytes(decoder.pixels());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Used again and again, as a thread's are.
  static decode::BaselineDecoder plain(kernels::supported_tables().front()->idct);
  static decode::BaselineDecoder fast(kernels::supported_tables().back()->idct);

  const core::Bytes file{data, size};
  const std::optional<Bytes> planes = decoded(plain, file);
  REQUIRE(decoded(fast, file) == planes);
  if (!planes) return 0;
  const core::PixelView like = plain.pixels();
  decode::JpegDecompressor library(*fuzz::jpeg_in_use(), data, size);
  REQUIRE(library.read_header());
  REQUIRE(library.get(decode::turbojpeg::kJpegWidth) == like.width);
  REQUIRE(library.get(decode::turbojpeg::kJpegHeight) == like.height);
  static decode::JpegPlanes expected;
  expected.reserve(like.format, like.width, like.height);
  REQUIRE(library.decompress_planes(expected));
  REQUIRE(fuzz::visible_bytes(expected.view()) == planes);
  return 0;
}
