#include "decode/tiff/tiff_fax.h"

#include <random>
#include <string>
#include <vector>

#include "test/check.h"

namespace {

using namespace pixtok;
using decode::FaxCoding;
using Bytes = std::vector<std::uint8_t>;

Bytes bits(const std::string& written) {
  Bytes bytes((written.size() + 7) / 8);
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (written[i] == '1') {
      bytes[i / 8] = static_cast<std::uint8_t>(bytes[i / 8] | 0x80 >> i % 8);
    }
  }
  return bytes;
}

core::Status unpack(FaxCoding coding, std::uint32_t width, const Bytes& packed, Bytes& unpacked,
                    const Bytes* before = nullptr) {
  decode::TiffFax fax(coding, width);
  return fax.unpack({packed.data(), packed.size()}, unpacked.data(), unpacked.size(),
                    before == nullptr ? nullptr : before->data());
}

// T.4: white 2 is 0111, black 3 is 10, white 11 is 01000.
const std::string kRow = "01111001000";

TEST("rows of CCITT codes that begin with a byte are unpacked") {
  Bytes unpacked(4);
  CHECK(unpack(FaxCoding::kRows, 16, bits(kRow + "00000" + kRow), unpacked).ok());
  CHECK((unpacked == Bytes{0x38, 0, 0x38, 0}));
}

TEST("CCITT group 3 rows lie behind ends of lines, or behind none at all") {
  const std::string end = "000000000001";
  Bytes unpacked(4);
  CHECK(unpack(FaxCoding::kGroup3, 16, bits(end + kRow + end + kRow + end), unpacked).ok());
  CHECK((unpacked == Bytes{0x38, 0, 0x38, 0}));
  unpacked.assign(4, 0xAA);
  CHECK(unpack(FaxCoding::kGroup3, 16, bits(kRow + kRow), unpacked).ok());
  CHECK((unpacked == Bytes{0x38, 0, 0x38, 0}));
}

TEST("the end of a CCITT group 4 block is white, and what is behind it the strip's before") {
  // horizontal mode, and three edges below the same ones
  const std::string rows =
      "0010111"
      "10"
      "1"
      "111";
  const Bytes packed = bits(rows + "000000000001000000000001");
  Bytes unpacked(6, 0xAA);
  CHECK(unpack(FaxCoding::kGroup4, 16, packed, unpacked).ok());
  CHECK((unpacked == Bytes{0x38, 0, 0x38, 0, 0, 0}));
  Bytes longer(8, 0xAA);
  CHECK(unpack(FaxCoding::kGroup4, 16, packed, longer).code == core::StatusCode::kTruncatedImage);
  const Bytes before(8, 0x11);
  CHECK(unpack(FaxCoding::kGroup4, 16, packed, longer, &before).ok());
  CHECK((longer == Bytes{0x38, 0, 0x38, 0, 0, 0, 0x11, 0x11}));
}

// Bounds by Pillow 13, libtiff 4.7.2: of 16 pixels, twice 32.
TEST("a CCITT group 4 row has no more runs than libtiff has room for") {
  const std::string two_of_none =
      "001"
      "00110101"
      "0000110111";
  const std::string eight_black =
      "001"
      "00110101"
      "000101";
  const auto unpacked = [&](int pairs, const std::string& rest, std::size_t rows) {
    std::string written;
    for (int i = 0; i < pairs; ++i) written += two_of_none;
    Bytes pixels(2 * rows, 0xAA);
    const core::Status status =
        unpack(FaxCoding::kGroup4, 16, bits(written + rest + std::string(40, '0')), pixels);
    return status.ok() ? pixels : Bytes{};
  };
  CHECK((unpacked(31, "1", 1) == Bytes{0, 0}));
  CHECK((unpacked(31, "11", 2) == Bytes{0, 0, 0xFF, 0xFF}));
  CHECK(unpacked(32, "1", 1).empty());
  CHECK((unpacked(30, eight_black + "1", 1) == Bytes{0xFF, 0}));
  CHECK(unpacked(31, eight_black + "1", 1).empty());
}

// The same bounds of rows of T.4, which end with the end of a line in place of a last run.
TEST("a CCITT group 3 row of two dimensions has no more runs than libtiff has room for") {
  const std::string end = "000000000001";
  const std::string two_of_none =
      "001"
      "00110101"
      "0000110111";
  const std::string all_black =
      "001"
      "00110101"
      "0000010111";
  const auto unpacked = [&](int pairs, const std::string& second) {
    std::string written = end + "0";
    for (int i = 0; i < pairs; ++i) written += two_of_none;
    written += all_black + end + second + end;
    Bytes pixels(4, 0xAA);
    const core::Status status = unpack(FaxCoding::kGroup3Mixed, 16, bits(written), pixels);
    return status.ok() ? pixels : Bytes{};
  };
  const std::string as_above =
      "0"
      "11";
  CHECK((unpacked(31, "1" + kRow) == Bytes{0xFF, 0xFF, 0x38, 0}));
  CHECK(unpacked(32, "1" + kRow).empty());
  CHECK((unpacked(30, as_above) == Bytes{0xFF, 0xFF, 0xFF, 0xFF}));
  CHECK(unpacked(31, as_above).empty());
}

// T.6's extensions, which libtiff does not know: what it has of the row by then, and the rest
// twice, is cut to the row's length before the row below is read. Pixels by Pillow 13,
// libtiff 4.7.2.
TEST("rows below one that an extension ends are read by what is shown of it") {
  struct Case {
    Bytes packed;
    Bytes unpacked;
  };
  for (const Case& one :
       {Case{{0x97, 0x82, 0x03, 0xC4, 0, 0, 0}, {0, 0, 0x38, 3, 0x38, 3, 0, 0}},
        Case{{0x0C, 0xBC, 0x80, 0xF1, 0x40, 0, 0, 0}, {0, 0, 0x38, 1, 0x38, 1, 0x7F, 0xFF}},
        Case{{0x2F, 0x20, 0x3C, 0x0F, 0x10, 0, 0, 0}, {0x38, 1, 0x38, 1, 0x38, 1, 0, 0}}}) {
    Bytes unpacked(8, 0xAA);
    CHECK(unpack(FaxCoding::kGroup4, 16, one.packed, unpacked).ok());
    CHECK((unpacked == one.unpacked));
  }
}

TEST("whatever is said to be CCITT codes is unpacked within its bounds") {
  std::mt19937_64 random(test::seed());
  for (int i = 0; i < test::random_cases(); ++i) {
    const auto width = static_cast<std::uint32_t>(1 + random() % 70);
    decode::TiffFax fax(static_cast<FaxCoding>(random() % 4), width);
    Bytes before;
    for (int strip = 0; strip < 3; ++strip) {
      Bytes packed(random() % 60);
      // zeros and short codes more often than the rest
      for (auto& byte : packed) {
        byte = static_cast<std::uint8_t>(random() % 3 == 0 ? 0 : random() & random());
      }
      Bytes unpacked((width + 7) / 8 * 12);
      (void)fax.unpack({packed.data(), packed.size()}, unpacked.data(), unpacked.size(),
                       before.empty() ? nullptr : before.data());
      before = unpacked;
    }
  }
}

}  // namespace
