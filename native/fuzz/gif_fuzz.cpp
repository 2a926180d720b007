// GIF files to pixels, against the plainest of decoders. An image that counts as decoded must not
// show what its memory held before.

#include <cstring>
#include <optional>
#include <vector>

#include "decode/gif/gif_decoder.h"
#include "decode/gif/gif_frame.h"
#include "fuzz/drawn_plan.h"
#include "fuzz/require.h"
#include "fuzz/visible_bytes.h"
#include "test/decode/gif/plain_gif.h"

using namespace pixtok;

namespace {

using Bytes = std::vector<std::uint8_t>;

std::optional<Bytes> decoded(decode::GifDecoder& decoder, core::Bytes file) {
  decode::ImageSize size;
  if (!decoder.open(file, size).ok()) return std::nullopt;
  if (std::int64_t{size.width} * size.height > fuzz::kMaxPixels) return std::nullopt;
  core::PixelView pixels;
  const core::Status status = decoder.decode(1, pixels);
  REQUIRE(status.code != core::StatusCode::kDeclined);
  if (!status.ok()) return std::nullopt;
  REQUIRE(pixels.width == size.width && pixels.height == size.height);
  const Bytes shown = fuzz::visible_bytes(pixels);
  fuzz::paint_over(pixels);
  return shown;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static decode::GifDecoder decoder;  // used again and again, as a thread's is
  const core::Bytes file{data, size};
  const std::optional<Bytes> shown = decoded(decoder, file);
  REQUIRE(decoded(decoder, file) == shown);
  decode::GifFrame frame;
  if (!decode::read_gif_frame(file, frame).ok()) return 0;
  if (std::int64_t{frame.width} * frame.height > fuzz::kMaxPixels) return 0;
  const std::optional<Bytes> expected = test::plain_gif_indices(file, frame);
  REQUIRE(expected.has_value() == shown.has_value());
  const bool is_canvas = frame.frame_width == frame.width && frame.frame_height == frame.height;
  if (shown && is_canvas && !frame.interlaced) REQUIRE(*shown == *expected);
  return 0;
}
