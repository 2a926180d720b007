// JPEG files to pixels, in every way that the decoder has. An image that counts as decoded must
// not show what its memory held before.

#include <optional>
#include <vector>

#include "core/pixel_view.h"
#include "decode/jpeg/jpeg_decoder.h"
#include "fuzz/drawn_plan.h"
#include "fuzz/jpeg_in_use.h"
#include "fuzz/require.h"
#include "fuzz/visible_bytes.h"
#include "kernels/kernel_table.h"

using namespace pixtok;

namespace {

using Bytes = std::vector<std::uint8_t>;

std::optional<core::PixelView> decoded(decode::JpegDecoder& decoder, const Bytes& file,
                                       decode::JpegOutput output, int shrink) {
  const core::Bytes bytes{file.data(), file.size()};
  decode::ImageSize stored;
  if (!decoder.open(bytes, stored).ok()) return std::nullopt;
  if (std::int64_t{stored.width} * stored.height > fuzz::kMaxPixels) return std::nullopt;
  core::PixelView pixels;
  if (!decoder.decode(output, shrink, pixels).ok()) return std::nullopt;
  return pixels;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input(data, size);
  const auto output =
      input.ConsumeBool() ? decode::JpegOutput::kPlanesWherePossible : decode::JpegOutput::kPacked;
  constexpr int kShrinks[] = {1, 1, 1, 2, 4, 8};
  const int shrink = input.PickValueInArray(kShrinks);
  const Bytes file = input.ConsumeRemainingBytes<std::uint8_t>();
  decode::JpegDecoder decoder(fuzz::jpeg_in_use(), kernels::chosen().idct);
  const auto pixels = decoded(decoder, file, output, shrink);
  if (!pixels) return 0;
  const Bytes first = fuzz::visible_bytes(*pixels);
  fuzz::paint_over(*pixels);
  const auto again = decoded(decoder, file, output, shrink);
  REQUIRE(again.has_value());
  REQUIRE(fuzz::visible_bytes(*again) == first);
  return 0;
}
