// What Pillow 12.3's ImageOps.exif_transpose makes of the tag, by its rules; `Value`s were held
// against it.

#include "decode/exif.h"

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "test/check.h"
#include "test/random_bytes.h"

namespace {

using namespace pixtok;

enum Type { kByte = 1, kAscii, kShort, kLong, kRational, kSignedByte, kUndefined, kSignedShort };
enum MoreTypes { kSignedLong = 9, kSignedRational, kFloat, kDouble, kLong8 = 16, kUnknown = 99 };

constexpr int kOrientation = 0x0112;

std::string number(bool big_endian, std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) {
    const int place = big_endian ? bytes - 1 - i : i;
    text += static_cast<char>(value >> (8 * place) & 0xFF);
  }
  return text;
}

struct Entry {
  int tag;
  int type;
  std::uint32_t count;
  std::string value;  // more than 4 bytes go behind the directory
};

std::string tiff(const std::vector<Entry>& entries, bool big_endian = false,
                 std::string signature = {}) {
  if (signature.empty()) signature = big_endian ? std::string("MM\0*", 4) : std::string("II*\0", 4);
  std::string head = signature + number(big_endian, 8, 4);
  std::string behind;
  std::string directory = number(big_endian, entries.size(), 2);
  for (const Entry& entry : entries) {
    directory += number(big_endian, static_cast<std::uint64_t>(entry.tag), 2);
    directory += number(big_endian, static_cast<std::uint64_t>(entry.type), 2);
    directory += number(big_endian, entry.count, 4);
    std::string value = entry.value;
    if (value.size() > 4) {
      const std::size_t at = 8 + 2 + 12 * entries.size() + 4 + behind.size();
      behind += value;
      value = number(big_endian, at, 4);
    }
    value.resize(4);
    directory += value;
  }
  return head + directory + std::string(4, '\0') + behind;
}

int orientation(const std::string& exif, const std::string& xmp = {}) {
  const auto bytes = [](const std::string& text) {
    return core::Bytes{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  };
  return decode::exif_orientation(bytes(exif), bytes(xmp));
}

std::string of(int type, std::uint32_t count, const std::string& value) {
  return tiff({{kOrientation, type, count, value}});
}

TEST("an orientation is read in both byte orders") {
  for (int value = 1; value <= 8; ++value) {
    for (const bool big : {false, true}) {
      const std::string stored = number(big, static_cast<std::uint64_t>(value), 2);
      CHECK(orientation(tiff({{kOrientation, kShort, 1, stored}}, big)) == value);
    }
  }
  CHECK(orientation(of(kShort, 1, number(false, 0, 2))) == 1);
  CHECK(orientation(of(kShort, 1, number(false, 9, 2))) == 1);
}

TEST("an orientation is a number of any type, and the first of several") {
  CHECK(orientation(of(kLong, 1, number(false, 6, 4))) == 6);
  CHECK(orientation(of(kSignedShort, 1, number(false, 6, 2))) == 6);
  CHECK(orientation(of(kSignedLong, 1, number(false, 6, 4))) == 6);
  CHECK(orientation(of(kSignedByte, 1, "\6")) == 6);
  CHECK(orientation(of(kLong8, 1, number(false, 6, 8))) == 6);
  CHECK(orientation(of(kRational, 1, number(false, 12, 4) + number(false, 2, 4))) == 6);
  CHECK(orientation(of(kSignedRational, 1,
                       number(false, 0xFFFFFFFA, 4) + number(false, 0xFFFFFFFF, 4))) == 6);
  const float whole = 6;
  const double fraction = 6.5;
  CHECK(orientation(of(kFloat, 1, {reinterpret_cast<const char*>(&whole), sizeof whole})) == 6);
  CHECK(orientation(of(kDouble, 1, {reinterpret_cast<const char*>(&fraction), 8})) == 1);
  CHECK(orientation(of(kRational, 1, number(false, 6, 4) + number(false, 0, 4))) == 1);
  CHECK(orientation(of(kShort, 2, number(false, 6, 2) + number(false, 3, 2))) == 6);
  CHECK(orientation(of(kShort, 3, number(false, 8, 2) + number(false, 3, 4))) == 8);
}

TEST("bytes and text are no orientation") {
  CHECK(orientation(of(kByte, 1, "\6")) == 1);
  CHECK(orientation(of(kUndefined, 1, "\6")) == 1);
  CHECK(orientation(of(kAscii, 1, "6")) == 1);
}

TEST("of several tags the first that has a value counts") {
  const Entry three{kOrientation, kShort, 1, number(false, 3, 2)};
  const Entry six{kOrientation, kShort, 1, number(false, 6, 2)};
  const Entry none{kOrientation, kShort, 0, number(false, 8, 2)};
  const Entry unknown{kOrientation, kUnknown, 1, number(false, 8, 2)};
  CHECK(orientation(tiff({three, six})) == 3);
  CHECK(orientation(tiff({none, unknown, three})) == 3);
  CHECK(orientation(tiff({none})) == 1);
}

TEST("of any tag that has a value what comes later is not looked at") {
  const Entry maker{0x010F, kAscii, 1, "a"};
  const Entry outside{0x010F, kAscii, 20, number(false, 70000, 4)};
  const Entry six{kOrientation, kShort, 1, number(false, 6, 2)};
  CHECK(orientation(tiff({maker, outside, six})) == 6);
}

TEST("nothing is read behind an entry whose values lie outside") {
  const Entry three{kOrientation, kShort, 1, number(false, 3, 2)};
  const Entry six{kOrientation, kShort, 1, number(false, 6, 2)};
  const Entry outside{0x010F, kAscii, 20, number(false, 70000, 4)};
  CHECK(orientation(tiff({three, outside, six})) == 3);
  CHECK(orientation(tiff({outside, six})) == 1);
  const Entry again{kOrientation, kAscii, 20, number(false, 70000, 4)};
  CHECK(orientation(tiff({three, again})) == 3);
}

TEST("values that would be more than the structure are passed over") {
  const Entry six{kOrientation, kShort, 1, number(false, 6, 2)};
  const Entry large{0x010F, kAscii, 70000, number(false, 8, 4)};
  const Entry overlapping{0x0110, kAscii, 30, number(false, 8, 4)};
  CHECK(orientation(tiff({large, six})) == 6);
  CHECK(orientation(tiff({overlapping, {0x0111, kAscii, 40, number(false, 8, 4)}, six})) == 6);
}

TEST("the header may stand in front once more, and in orders that are not valid") {
  const std::string six = of(kShort, 1, number(false, 6, 2));
  const std::string prefix("Exif\0\0", 6);
  CHECK(orientation(prefix + six) == 6);
  CHECK(orientation(prefix + prefix + six) == 1);
  const std::vector<Entry> little = {{kOrientation, kShort, 1, number(false, 6, 2)}};
  const std::vector<Entry> big = {{kOrientation, kShort, 1, number(true, 6, 2)}};
  CHECK(orientation(tiff(little, false, std::string("II\0*", 4))) == 6);
  CHECK(orientation(tiff(big, true, std::string("MM*\0", 4))) == 6);
  CHECK(orientation(tiff(big, true, std::string("MM\0+", 4))) == 6);
  CHECK(orientation(tiff(little, false, std::string("II+\0", 4))) == 1);
  CHECK(orientation(tiff(little, false, "XX*\0")) == 1);
}

TEST("XMP counts where EXIF has no such tag") {
  const std::string xmp = "<a tiff:Orientation=\"x\" tiff:Orientation=\"6\">";
  const std::string empty = tiff({});
  CHECK(orientation({}, xmp) == 6);
  CHECK(orientation(empty, xmp) == 6);
  CHECK(orientation({}, "<tiff:Orientation>8</tiff:Orientation>") == 8);
  CHECK(orientation({}, "tiff:Orientation=\"9\"") == 1);
  CHECK(orientation({}, "tiff:Orientation='6'") == 1);
  CHECK(orientation(of(kShort, 1, number(false, 3, 2)), xmp) == 3);
  CHECK(orientation(of(kByte, 1, "\6"), xmp) == 1);  // the tag is there
}

TEST("a structure that ends early is read as far as it goes") {
  const std::string whole = tiff({{kOrientation, kShort, 1, number(false, 6, 2)},
                                  {0x011A, kRational, 1, std::string(8, '\1')}});
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    CHECK(orientation(whole.substr(0, size)) == (size < 8 + 2 + 12 ? 1 : 6));
  }
}

TEST("damaged structures give an orientation, whatever it is") {
  std::mt19937_64 random(test::seed());
  const std::string whole = tiff({{0x0100, kShort, 1, number(false, 5, 2)},
                                  {kOrientation, kLong, 3, std::string(12, '\6')},
                                  {0x0128, kShort, 1, number(false, 2, 2)},
                                  {0x011A, kRational, 1, std::string(8, '\1')}});
  for (int i = 0; i < 20 * test::random_cases(); ++i) {
    std::string damaged =
        whole.substr(0, random() % 4 == 0 ? random() % whole.size() : whole.size());
    for (int changes = 0; changes < 3 && !damaged.empty(); ++changes) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    const int value = orientation(damaged, damaged);
    CHECK(value >= 1 && value <= 8);
    (void)decode::has_readable_exif_resolution(
        {reinterpret_cast<const std::uint8_t*>(damaged.data()), damaged.size()});
  }
}

}  // namespace
