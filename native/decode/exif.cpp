#include "decode/exif.h"

#include <cstring>

namespace pixtok::decode {

namespace {

constexpr int kUpright = 1;

// Bytes of a TIFF structure, each access checked against its size.
class TiffBytes {
 public:
  TiffBytes(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {
    valid_ =
        size >= 8 && (std::memcmp(data, "II*\0", 4) == 0 || std::memcmp(data, "MM\0*", 4) == 0);
    big_endian_ = valid_ && data[0] == 'M';
  }

  bool valid() const { return valid_; }

  bool read16(std::size_t at, std::uint32_t& value) const { return read(at, 2, value); }
  bool read32(std::size_t at, std::uint32_t& value) const { return read(at, 4, value); }

 private:
  bool read(std::size_t at, std::size_t bytes, std::uint32_t& value) const {
    if (at > size_ || size_ - at < bytes) return false;
    value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
      value = value << 8 | data_[at + (big_endian_ ? i : bytes - 1 - i)];
    }
    return true;
  }

  const std::uint8_t* data_;
  std::size_t size_;
  bool valid_;
  bool big_endian_;
};

// TIFF 6.0, section 2: the first directory's entry for tag 274.
int orientation_of_tiff(const TiffBytes& tiff) {
  constexpr std::uint32_t kOrientationTag = 0x0112;
  constexpr std::uint32_t kShort = 3;
  constexpr std::size_t kEntryBytes = 12;
  std::uint32_t directory = 0;
  std::uint32_t entries = 0;
  if (!tiff.valid() || !tiff.read32(4, directory) || !tiff.read16(directory, entries)) {
    return kUpright;
  }
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::size_t entry = std::size_t{directory} + 2 + kEntryBytes * i;
    std::uint32_t tag = 0;
    std::uint32_t type = 0;
    std::uint32_t value = 0;
    if (!tiff.read16(entry, tag)) return kUpright;
    if (tag != kOrientationTag) continue;
    const bool known = tiff.read16(entry + 2, type) && type == kShort &&
                       tiff.read16(entry + 8, value) && value >= 1 && value <= 8;
    return known ? static_cast<int>(value) : kUpright;
  }
  return kUpright;
}

}  // namespace

int jpeg_orientation(const std::uint8_t* file, std::size_t size) {
  constexpr std::uint8_t kApp1 = 0xE1;
  constexpr std::uint8_t kStartOfScan = 0xDA;
  constexpr std::size_t kExifPrefix = 6;  // "Exif", two zeros
  std::size_t at = 2;
  while (size - at >= 4 && at < size) {
    if (file[at] != 0xFF) {
      ++at;
      continue;
    }
    const std::uint8_t marker = file[at + 1];
    if (marker == 0xFF) {
      ++at;
      continue;
    }
    if (marker == 0 || marker == 0x01 || (marker >= 0xD0 && marker <= 0xD9)) {
      at += 2;
      continue;
    }
    if (marker == kStartOfScan) return kUpright;
    const std::size_t length = static_cast<std::size_t>(file[at + 2]) << 8 | file[at + 3];
    if (length < 2 || length > size - at - 2) return kUpright;
    const std::uint8_t* body = file + at + 4;
    const std::size_t bytes = length - 2;
    if (marker == kApp1 && bytes > kExifPrefix && std::memcmp(body, "Exif\0\0", kExifPrefix) == 0) {
      return orientation_of_tiff(TiffBytes(body + kExifPrefix, bytes - kExifPrefix));
    }
    at += 2 + length;
  }
  return kUpright;
}

}  // namespace pixtok::decode
