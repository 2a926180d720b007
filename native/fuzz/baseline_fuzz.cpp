// The decoder of our own against libjpeg-turbo: what it accepts, libjpeg-turbo reads without a
// complaint and to the same planes; and it accepts the same by every kernel, alone or in turns with
// another file.

#include <optional>
#include <vector>

#include "decode/jpeg/baseline_decoder.h"
#include "fuzz/drawn_plan.h"
#include "fuzz/jpeg_in_use.h"
#include "fuzz/require.h"
#include "kernels/kernel_table.h"
#include "test/library_planes.h"

using namespace pixtok;

namespace {

using Bytes = std::vector<std::uint8_t>;

std::optional<Bytes> planes_of(const decode::BaselineDecoder& decoder) {
  if (!decoder.succeeded()) return std::nullopt;
  return test::visible_bytes(decoder.pixels());
}

std::optional<Bytes> decoded(decode::BaselineDecoder& decoder, core::Bytes file) {
  if (!decoder.open(file)) return std::nullopt;
  if (std::int64_t{decoder.width()} * decoder.height() > fuzz::kMaxPixels) return std::nullopt;
  (void)decoder.decode();
  return planes_of(decoder);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static decode::BaselineDecoder plain(kernels::supported_tables().front()->idct);
  static decode::BaselineDecoder fast(kernels::supported_tables().back()->idct);
  // The last file that was accepted.
  static Bytes other;
  static std::optional<Bytes> other_planes;

  const core::Bytes file{data, size};
  const std::optional<Bytes> planes = decoded(plain, file);
  REQUIRE(decoded(fast, file) == planes);
  const bool takes_turns = other_planes.has_value() && size % 4 == 0 && fast.open(file) &&
                           std::int64_t{fast.width()} * fast.height() <= fuzz::kMaxPixels;
  if (takes_turns) {
    REQUIRE(plain.open({other.data(), other.size()}));
    decode::BaselineDecoder::decode_in_turns(plain, fast);
    REQUIRE(planes_of(fast) == planes);
    REQUIRE(planes_of(plain) == other_planes);
  }
  if (!planes) return 0;
  (void)decoded(plain, file);
  REQUIRE(test::library_planes(*fuzz::jpeg_in_use(), file, plain.pixels()) == planes);
  other.assign(data, data + size);
  other_planes = planes;
  return 0;
}
