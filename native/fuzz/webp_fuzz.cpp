// WebP files to pixels. An image that counts as decoded must not show what its memory held before.
// What a file says of its size is put right, so that what is behind it is reached. Without libwebp
// the container alone.

#include <cstddef>
#include <optional>
#include <vector>

#include "decode/file_signature.h"
#include "decode/webp/webp_decoder.h"
#include "decode/webp/webp_file.h"
#include "fuzz/drawn_plan.h"
#include "fuzz/require.h"
#include "fuzz/visible_bytes.h"
#include "fuzz/webp_in_use.h"

using namespace pixtok;

namespace {

using Bytes = std::vector<std::uint8_t>;

bool is_refusal(core::StatusCode code) {
  return code == core::StatusCode::kCorruptImage || code == core::StatusCode::kTruncatedImage ||
         code == core::StatusCode::kUnsupportedFormat;
}

std::optional<Bytes> decoded(decode::WebpDecoder& decoder, core::Bytes file) {
  decode::ImageSize size;
  core::Status status = decoder.open(file, size);
  const bool is_large = decode::declared_webp_bytes(file) > std::uint64_t{1} << 28;
  REQUIRE(status.ok() || is_refusal(status.code) ||
          (is_large && status.code == core::StatusCode::kDeclined));
  if (!status.ok() || std::int64_t{size.width} * size.height > fuzz::kMaxPixels)
    return std::nullopt;
  const int orientation = decoder.orientation();
  REQUIRE(orientation >= 1 && orientation <= 8);
  core::PixelView pixels;
  status = decoder.decode(1, pixels);
  REQUIRE(status.ok() || is_refusal(status.code));
  if (!status.ok()) return std::nullopt;
  REQUIRE(pixels.width == size.width && pixels.height == size.height);
  Bytes shown = fuzz::visible_bytes(pixels);
  fuzz::paint_over(pixels);
  return shown;
}

void require_within(core::Bytes part, core::Bytes file) {
  REQUIRE(part.size == 0 || (part.data >= file.data && part.size <= file.size &&
                             part.data + part.size <= file.data + file.size));
}

void read_container(core::Bytes file) {
  decode::WebpFile webp;
  if (!decode::read_webp_file(file, webp).ok()) return;
  REQUIRE(webp.left >= 0 && webp.top >= 0 && webp.frame_width > 0 && webp.frame_height > 0);
  REQUIRE(webp.left + webp.frame_width <= webp.width);
  REQUIRE(webp.top + webp.frame_height <= webp.height);
  REQUIRE(webp.frame.size > 0);
  for (const core::Bytes part : {webp.frame, webp.exif, webp.xmp}) require_within(part, file);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (!decode::is_webp(data, size)) return 0;
  Bytes file(data, data + size);
  const core::Bytes whole{file.data(), file.size()};
  for (int pass = 0; pass < 2; ++pass) {
    read_container(whole);
    if (fuzz::webp_in_use() != nullptr) {
      static decode::WebpDecoder decoder(fuzz::webp_in_use());  // used again, as a thread's is
      const std::optional<Bytes> shown = decoded(decoder, whole);
      REQUIRE(decoded(decoder, whole) == shown);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      file[4 + i] = static_cast<std::uint8_t>((size - 8) >> (8 * i));
    }
  }
  return 0;
}
