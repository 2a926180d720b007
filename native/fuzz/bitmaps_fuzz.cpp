// BMP, Netpbm, QOI and TGA files to pixels. An image that counts as decoded must not show what its
// memory held before.

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "decode/bmp/bmp_decoder.h"
#include "decode/netpbm/netpbm_decoder.h"
#include "decode/qoi/qoi_decoder.h"
#include "decode/tga/tga_decoder.h"
#include "fuzz/drawn_plan.h"
#include "fuzz/require.h"
#include "fuzz/visible_bytes.h"

using namespace pixtok;

namespace {

using Bytes = std::vector<std::uint8_t>;

bool lies_within(const core::PixelView& pixels, core::Bytes file) {
  return !std::less<>()(pixels.data, file.data) &&
         std::less<>()(pixels.data, file.data + file.size);
}

std::optional<Bytes> decoded(decode::ImageDecoder& decoder, core::Bytes file) {
  decode::ImageSize size;
  (void)decoder.most_bytes(file, fuzz::kMaxPixels);
  if (!decoder.open(file, size).ok()) return std::nullopt;
  REQUIRE(size.width > 0 && size.height > 0);
  if (std::int64_t{size.width} * size.height > fuzz::kMaxPixels) return std::nullopt;
  core::PixelView pixels;
  const core::Status status = decoder.decode(1, pixels);
  REQUIRE(status.code != core::StatusCode::kDeclined);
  if (!status.ok()) return std::nullopt;
  REQUIRE(pixels.width == size.width && pixels.height == size.height);
  const Bytes shown = fuzz::visible_bytes(pixels);
  if (!lies_within(pixels, file)) fuzz::paint_over(pixels);
  return shown;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // used again and again, as a thread's are
  static const std::array<std::unique_ptr<decode::ImageDecoder>, 4> decoders = {
      std::make_unique<decode::BmpDecoder>(), std::make_unique<decode::NetpbmDecoder>(),
      std::make_unique<decode::QoiDecoder>(), std::make_unique<decode::TgaDecoder>()};
  const core::Bytes file{data, size};
  for (const auto& decoder : decoders) {
    if (!decoder->reads(file)) continue;
    const std::optional<Bytes> shown = decoded(*decoder, file);
    REQUIRE(decoded(*decoder, file) == shown);
  }
  return 0;
}
