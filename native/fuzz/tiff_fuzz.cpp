// CCITT, LZW and JPEG strips of TIFF files. A strip that counts as unpacked must not show what its
// memory held before, and says so twice. Tables that JPEG strips leave behind are read again.

#include <cstring>
#include <optional>
#include <vector>

#include "decode/tiff/tiff_fax.h"
#include "decode/tiff/tiff_jpeg.h"
#include "decode/tiff/tiff_lzw.h"
#include "fuzz/require.h"

using namespace pixtok;

namespace {

using Bytes = std::vector<std::uint8_t>;

// What an input begins with: how strips are packed, the width, the rows of each strip. Strips
// follow, each behind its length.
struct Choices {
  int coding = 0;
  std::uint32_t width = 0;
  std::size_t rows = 0;
};

constexpr std::size_t kChoiceBytes = 4;
constexpr int kLzw = 4;
constexpr int kJpeg = 5;

Choices take_choices(core::Bytes& input) {
  const std::uint8_t* at = input.data;
  Choices choices{at[0] % (kJpeg + 1), 1U + at[1] + (256U * at[2]) % 4096U, 1U + at[3]};
  input = input.from(kChoiceBytes);
  return choices;
}

// In memory of its own, so that reading behind it is seen.
std::optional<Bytes> take_strip(core::Bytes& input) {
  if (input.size < 2) return std::nullopt;
  const std::size_t length = input.data[0] + (std::size_t{256} * input.data[1]);
  input = input.from(2);
  const core::Bytes strip{input.data, std::min(length, input.size)};
  input = input.from(strip.size);
  return Bytes(strip.data, strip.data + strip.size);
}

// Of each strip what it is unpacked to, until one cannot be.
std::vector<Bytes> unpacked(core::Bytes input, std::uint8_t filling) {
  const Choices choices = take_choices(input);
  const bool is_lzw = choices.coding == kLzw;
  std::optional<decode::TiffFax> fax;
  if (!is_lzw) fax.emplace(static_cast<decode::FaxCoding>(choices.coding), choices.width);
  std::vector<Bytes> strips;
  while (const std::optional<Bytes> packed = take_strip(input)) {
    Bytes strip((choices.width + 7) / 8 * choices.rows, filling);
    const core::Bytes bytes{packed->data(), packed->size()};
    const std::uint8_t* before = strips.empty() ? nullptr : strips.back().data();
    const core::Status status = is_lzw ? decode::unpack_tiff_lzw(bytes, strip.data(), strip.size())
                                       : fax->unpack(bytes, strip.data(), strip.size(), before);
    REQUIRE(status.ok() || status.code == core::StatusCode::kCorruptImage ||
            status.code == core::StatusCode::kTruncatedImage);
    if (!status.ok()) break;
    strips.push_back(strip);
  }
  return strips;
}

// The width says what a file declares of its strips.
void read_jpegs(core::Bytes input) {
  const Choices choices = take_choices(input);
  constexpr int kColumns = 64;
  const std::uint32_t flags = choices.width - 1;
  const auto factor = [flags](int shift) { return 1 << (flags >> shift & 1); };
  const bool is_grey = (flags & 4) != 0;
  const decode::TiffJpegLayout layout{kColumns,  is_grey ? 1 : 3, factor(0),
                                      factor(1), !is_grey,        1 << 20};
  decode::TiffJpegReader reader(layout);
  while (const std::optional<Bytes> strip = take_strip(input)) {
    int width = 0;
    int height = 0;
    const int rows = static_cast<int>(choices.rows);
    const core::Bytes jpeg{strip->data(), strip->size()};
    if (!reader.read_block({jpeg, rows, (flags & 8) != 0}, width, height).ok()) break;
    REQUIRE(width > 0 && width <= kColumns && height > 0);
    const std::vector<std::uint8_t> tables = reader.tables();
    decode::TiffJpegReader other(layout);
    REQUIRE(other.read_tables({tables.data(), tables.size()}).ok());
    REQUIRE(other.tables() == tables);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < kChoiceBytes) return 0;
  if (data[0] % (kJpeg + 1) == kJpeg) {
    read_jpegs({data, size});
    return 0;
  }
  REQUIRE(unpacked({data, size}, 0x00) == unpacked({data, size}, 0xFF));
  return 0;
}
