#include "decode/exif.h"

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

namespace pixtok::decode {

namespace {

using core::Bytes;

constexpr int kUpright = 1;
constexpr int kMostTurned = 8;

// TIFF 6.0, section 2, and of BigTIFF the one type that Pillow takes everywhere.
enum Type : std::uint64_t {
  kByte = 1,
  kAscii = 2,
  kShort = 3,
  kLong = 4,
  kRational = 5,
  kSignedByte = 6,
  kUndefined = 7,
  kSignedShort = 8,
  kSignedLong = 9,
  kSignedRational = 10,
  kFloat = 11,
  kDouble = 12,
  kDirectory = 13,
  kLong8 = 16,
};

// Bytes of a value; 0 for types that Pillow does not know.
std::size_t size_of(std::uint64_t type) {
  switch (type) {
    case kByte:
    case kAscii:
    case kSignedByte:
    case kUndefined:
      return 1;
    case kShort:
    case kSignedShort:
      return 2;
    case kLong:
    case kSignedLong:
    case kFloat:
    case kDirectory:
      return 4;
    case kRational:
    case kSignedRational:
    case kDouble:
    case kLong8:
      return 8;
    default:
      return 0;
  }
}

bool starts_with(Bytes bytes, const char* text, std::size_t size) {
  return bytes.size >= size && std::memcmp(bytes.data, text, size) == 0;
}

// A TIFF structure, each access checked against its size.
class Tiff {
 public:
  explicit Tiff(Bytes bytes) : bytes_(bytes), big_endian_(starts_with(bytes, "MM", 2)) {}

  // As Pillow: two orders of the magic number are taken in either byte order, and of BigTIFF the
  // big-endian signature, behind which it then reads a TIFF structure.
  bool has_header() const {
    constexpr std::size_t kHeader = 8;
    if (bytes_.size < kHeader) return false;
    for (const char* signature : {"MM\0*", "II*\0", "MM*\0", "II\0*", "MM\0+"}) {
      if (starts_with(bytes_, signature, 4)) return true;
    }
    return false;
  }

  bool has(std::uint64_t at, std::uint64_t bytes) const {
    return at <= bytes_.size && bytes_.size - at >= bytes;
  }

  std::uint64_t size() const { return bytes_.size; }

  // Precondition: has(at, bytes).
  std::uint64_t read(std::uint64_t at, std::size_t bytes) const {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
      value = value << 8 | bytes_.data[at + (big_endian_ ? i : bytes - 1 - i)];
    }
    return value;
  }

  std::int64_t read_signed(std::uint64_t at, std::size_t bytes) const {
    const std::size_t unused = 64 - 8 * bytes;
    return static_cast<std::int64_t>(read(at, bytes) << unused) >> unused;
  }

 private:
  Bytes bytes_;
  bool big_endian_;
};

// The number, where it is a whole one.
template <typename Real, typename Bits>
std::int64_t whole_number(std::uint64_t stored) {
  const Bits bits = static_cast<Bits>(stored);
  Real real = 0;
  std::memcpy(&real, &bits, sizeof real);
  for (int value = kUpright; value <= kMostTurned; ++value) {
    if (real == static_cast<Real>(value)) return value;
  }
  return 0;
}

std::int64_t quotient(std::int64_t numerator, std::int64_t denominator) {
  return denominator == 0 || numerator % denominator != 0 ? 0 : numerator / denominator;
}

// The first value of those at `at`; 0 for one that is no number, or not a whole one.
std::int64_t first_value(const Tiff& tiff, std::uint64_t type, std::uint64_t at) {
  switch (type) {
    case kShort:
    case kLong:
    case kDirectory:
      return static_cast<std::int64_t>(tiff.read(at, size_of(type)));
    case kLong8:
      return static_cast<std::int64_t>(std::min<std::uint64_t>(tiff.read(at, 8), INT64_MAX));
    case kSignedByte:
    case kSignedShort:
    case kSignedLong:
      return tiff.read_signed(at, size_of(type));
    case kRational:
      return quotient(static_cast<std::int64_t>(tiff.read(at, 4)),
                      static_cast<std::int64_t>(tiff.read(at + 4, 4)));
    case kSignedRational:
      return quotient(tiff.read_signed(at, 4), tiff.read_signed(at + 4, 4));
    case kFloat:
      return whole_number<float, std::uint32_t>(tiff.read(at, 4));
    case kDouble:
      return whole_number<double, std::uint64_t>(tiff.read(at, 8));
    default:
      return 0;
  }
}

int turn(std::int64_t value) {
  return value >= kUpright && value <= kMostTurned ? static_cast<int>(value) : kUpright;
}

// Where an entry's values are.
struct Entry {
  std::uint64_t type = 0;
  std::uint64_t count = 0;
  std::uint64_t values = 0;
};

// Of the first directory, as far as it can be read, the first entry of a tag that has a value.
std::optional<Entry> find_entry(const Tiff& tiff, std::uint64_t tag) {
  constexpr std::size_t kEntryBytes = 12;
  constexpr std::size_t kInline = 4;
  constexpr std::size_t kTags = 1 << 16;
  std::uint64_t at = tiff.read(4, 4);
  if (!tiff.has(at, 2)) return std::nullopt;
  std::uint64_t entries = tiff.read(at, 2);
  at += 2;
  std::uint64_t bytes_elsewhere = 0;
  std::bitset<kTags> seen;  // entries of a tag that has a value are passed over
  for (; entries > 0 && tiff.has(at, kEntryBytes); --entries, at += kEntryBytes) {
    Entry entry{tiff.read(at + 2, 2), tiff.read(at + 4, 4), at + 8};
    const std::uint64_t bytes = entry.count * size_of(entry.type);
    const std::uint64_t its_tag = tiff.read(at, 2);
    if (bytes == 0 || seen[its_tag]) continue;
    if (bytes > kInline) {
      bytes_elsewhere += bytes;
      if (bytes_elsewhere > tiff.size()) continue;
      entry.values = tiff.read(at + 8, 4);
    }
    if (!tiff.has(entry.values, bytes)) break;  // Pillow reads no further
    if (its_tag == tag) return entry;
    seen[its_tag] = true;
  }
  return std::nullopt;
}

// What the pattern tiff:Orientation(="|>)([0-9]) finds first.
int orientation_of_xmp(Bytes xmp) {
  constexpr char kName[] = "tiff:Orientation";
  constexpr std::size_t kNameBytes = sizeof kName - 1;
  const auto* at = xmp.data;
  const auto* end = xmp.data + xmp.size;
  while ((at = std::search(at, end, kName, kName + kNameBytes)) != end) {
    at += kNameBytes;
    Bytes rest{at, static_cast<std::size_t>(end - at)};
    if (starts_with(rest, "=\"", 2)) {
      rest = rest.from(2);
    } else if (starts_with(rest, ">", 1)) {
      rest = rest.from(1);
    } else {
      continue;
    }
    if (!rest.empty() && rest.data[0] >= '0' && rest.data[0] <= '9')
      return turn(rest.data[0] - '0');
  }
  return kUpright;
}

}  // namespace

Bytes without_exif_prefix(Bytes exif) {
  constexpr std::size_t kPrefix = 6;
  return starts_with(exif, "Exif\0\0", kPrefix) ? exif.from(kPrefix) : exif;
}

int exif_orientation(Bytes exif, Bytes xmp) {
  constexpr std::uint64_t kOrientation = 0x0112;
  exif = without_exif_prefix(exif);
  if (exif.empty()) return orientation_of_xmp(xmp);
  const Tiff tiff(exif);
  if (!tiff.has_header()) return kUpright;
  const std::optional<Entry> entry = find_entry(tiff, kOrientation);
  if (!entry) return orientation_of_xmp(xmp);
  return turn(first_value(tiff, entry->type, entry->values));
}

// Python's x[0] / x[1] of what has no [1].
bool has_readable_exif_resolution(Bytes exif) {
  constexpr std::uint64_t kUnit = 0x0128;
  constexpr std::uint64_t kAcross = 0x011A;
  const Tiff tiff(without_exif_prefix(exif));
  if (!tiff.has_header() || !find_entry(tiff, kUnit)) return true;
  const std::optional<Entry> entry = find_entry(tiff, kAcross);
  if (!entry) return true;
  if (entry->type == kByte || entry->type == kUndefined) return entry->count > 1;
  if (entry->type != kAscii) return true;
  const std::uint64_t last = tiff.read(entry->values + entry->count - 1, 1);
  const std::uint64_t length = last == 0 ? entry->count - 1 : entry->count;
  if (length > 1) return true;
  if (length == 0) return false;
  const std::uint64_t digit = tiff.read(entry->values, 1);
  return digit < '0' || digit > '9';
}

}  // namespace pixtok::decode
