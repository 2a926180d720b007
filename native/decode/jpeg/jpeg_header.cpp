#include "decode/jpeg/jpeg_header.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "decode/exif.h"
#include "decode/most_file_bytes.h"

namespace pixtok::decode {

namespace {

using core::Bytes;
using core::Status;
using core::StatusCode;

template <std::size_t N>
bool starts_with(Bytes bytes, const char (&text)[N]) {
  return bytes.size >= N - 1 && std::memcmp(bytes.data, text, N - 1) == 0;
}

std::uint32_t big_endian(const std::uint8_t* at, int bytes) {
  std::uint32_t value = 0;
  for (int i = 0; i < bytes; ++i) value = value << 8 | at[i];
  return value;
}

bool is_frame(std::uint8_t marker) {
  const bool in_range = marker >= 0xC0 && marker <= 0xCF;
  return (in_range && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) || marker == 0xDE;
}

// Markers that the plugin knows, and that have no segment.
bool is_alone(std::uint8_t marker) {
  return marker == 0xC8 || (marker >= 0xD0 && marker <= 0xD9) || (marker >= 0xF0 && marker <= 0xFD);
}

bool less(Bytes a, Bytes b) {
  return std::lexicographical_compare(a.data, a.data + a.size, b.data, b.data + b.size);
}

std::vector<std::uint8_t> joined(const std::vector<Bytes>& pieces) {
  std::vector<std::uint8_t> whole;
  for (const Bytes piece : pieces) whole.insert(whole.end(), piece.data, piece.data + piece.size);
  return whole;
}

// Reads segment after segment. A function that gives false has met what the plugin refuses.
class HeaderReader {
 public:
  HeaderReader(Bytes file, JpegHeader& header) : file_(file), header_(header) {}

  Status read() {
    if (!read_segments()) {
      if (cut_) return Status::failure(StatusCode::kTruncatedImage, "the JPEG file is truncated");
      return Status::failure(StatusCode::kCorruptImage,
                             "the JPEG file is corrupt: a segment is not what it should be");
    }
    if (header_.layers == 0 || header_.width == 0 || header_.height == 0) {
      return Status::failure(StatusCode::kCorruptImage,
                             "the JPEG file is corrupt: it declares no image");
    }
    return Status::success();
  }

 private:
  bool read_segments() {
    constexpr std::uint8_t kStartOfScan = 0xDA;
    constexpr std::size_t kStartOfImage = 2;
    at_ = kStartOfImage;
    std::uint8_t marker = 0;
    do {
      if (!find_marker(marker)) return false;
      if (is_alone(marker)) continue;
      if (marker < 0xC0) return false;
      Bytes segment;
      if (!take_segment(segment) || !read_segment(marker, segment)) return false;
    } while (marker != kStartOfScan);
    return has_readable_resolution();
  }

  // Behind the next 0xFF, or several, that are not followed by 0.
  bool find_marker(std::uint8_t& marker) {
    while (at_ < file_.size) {
      if (file_.data[at_++] != 0xFF) continue;
      while (at_ < file_.size && file_.data[at_] == 0xFF) ++at_;
      if (at_ == file_.size) break;
      marker = file_.data[at_++];
      if (marker != 0) return true;
    }
    cut_ = true;
    return false;
  }

  // A length that does not even count itself is taken for an empty segment.
  bool take_segment(Bytes& segment) {
    constexpr std::size_t kLengthBytes = 2;
    cut_ = file_.size - at_ < kLengthBytes;
    if (cut_) return false;
    const std::size_t length = big_endian(file_.data + at_, 2);
    at_ += kLengthBytes;
    const std::size_t bytes = length - std::min(length, kLengthBytes);
    cut_ = file_.size - at_ < bytes;
    if (cut_) return false;
    segment = {file_.data + at_, bytes};
    at_ += bytes;
    return true;
  }

  bool read_segment(std::uint8_t marker, Bytes segment) {
    if (is_frame(marker)) {
      header_.arithmetic = marker >= 0xC9 && marker <= 0xCF;
      return read_frame(segment);
    }
    switch (marker) {
      case 0xDB:
        return has_whole_tables(segment);
      case 0xE0:
        return read_jfif(segment);
      case 0xE1:
        read_exif_or_xmp(segment);
        return true;
      case 0xE2:
        read_icc(segment);
        return true;
      case 0xED:
        return has_readable_resources(segment);
      case 0xEE:
        return !starts_with(segment, "Adobe") || segment.size >= 7;
      default:
        return true;
    }
  }

  bool read_frame(Bytes segment) {
    constexpr std::size_t kBeforeLayers = 6;
    if (segment.size < kBeforeLayers || (segment.size - kBeforeLayers) % 3 != 0) return false;
    header_.height = static_cast<int>(big_endian(segment.data + 1, 2));
    header_.width = static_cast<int>(big_endian(segment.data + 3, 2));
    header_.layers = segment.data[5];
    const bool profile_has_numbers = first_icc_.empty() || first_icc_.size >= kIccHeader;
    first_icc_ = {};
    const bool known = header_.layers == 1 || header_.layers == 3 || header_.layers == 4;
    return segment.data[0] == 8 && known && profile_has_numbers;
  }

  static bool has_whole_tables(Bytes segment) {
    while (!segment.empty()) {
      const std::size_t bytes = segment.data[0] >> 4 == 0 ? 1 + 64 : 1 + 2 * 64;
      if (segment.size < bytes) return false;
      segment = segment.from(bytes);
    }
    return true;
  }

  bool read_jfif(Bytes segment) {
    if (!starts_with(segment, "JFIF")) return true;
    if (segment.size < 7) return false;
    has_resolution_ |= segment.size >= 12 && (segment.data[7] == 1 || segment.data[7] == 2);
    return true;
  }

  void read_exif_or_xmp(Bytes segment) {
    if (starts_with(segment, "Exif\0\0")) {
      header_.exif.push_back(segment.from(6));
    } else if (starts_with(segment, "http://ns.adobe.com/xap/1.0/\0")) {
      header_.xmp = segment.from(29);
    }
  }

  // The parts of a profile are sorted, and the number of parts is read from the first.
  void read_icc(Bytes segment) {
    if (starts_with(segment, "FPXR\0") || !starts_with(segment, "ICC_PROFILE\0")) return;
    if (first_icc_.empty() || less(segment, first_icc_)) first_icc_ = segment;
  }

  // Photoshop's resources: the plugin stops at one that is cut, but not in front of its name.
  static bool has_readable_resources(Bytes segment) {
    if (!starts_with(segment, "Photoshop 3.0\0")) return true;
    const std::size_t size = segment.size;
    std::size_t at = 14;
    while (at < size && starts_with(segment.from(at), "8BIM")) {
      at += 4;
      if (size - at < 2) return true;
      const bool is_resolution = big_endian(segment.data + at, 2) == 0x03ED;
      at += 2;
      if (at == size) return false;
      at += 1 + segment.data[at];
      at += at & 1;
      if (at > size || size - at < 4) return true;
      const std::size_t bytes = big_endian(segment.data + at, 4);
      at += 4;
      if (is_resolution && std::min(bytes, size - at) < 14) return true;
      at += bytes;
      at += at & 1;
    }
    return true;
  }

  bool has_readable_resolution() const {
    if (has_resolution_ || header_.exif.empty()) return true;
    if (header_.exif.size() == 1) return has_readable_exif_resolution(header_.exif.front());
    const std::vector<std::uint8_t> whole = joined(header_.exif);
    return has_readable_exif_resolution({whole.data(), whole.size()});
  }

  static constexpr std::size_t kIccHeader = 14;

  const Bytes file_;
  JpegHeader& header_;
  std::size_t at_ = 0;
  bool cut_ = false;
  bool has_resolution_ = false;  // JFIF's, which makes the plugin leave EXIF's alone
  Bytes first_icc_;
};

}  // namespace

int JpegHeader::orientation() const {
  if (exif.empty()) return exif_orientation({}, xmp);
  if (exif.size() == 1) return exif_orientation(exif.front(), xmp);
  const std::vector<std::uint8_t> whole = joined(exif);
  return exif_orientation({whole.data(), whole.size()}, xmp);
}

std::uint64_t most_jpeg_bytes(Bytes start, std::int64_t max_pixels) {
  constexpr std::uint64_t kMostBytesPerPixel = 16;
  JpegHeader header;
  if (!read_jpeg_header(start, header).ok()) return kMostFileBytes;
  const std::int64_t pixels = static_cast<std::int64_t>(header.width) * header.height;
  return most_file_bytes(pixels, max_pixels,
                         kMostBytesPerPixel * static_cast<std::uint64_t>(pixels));
}

Status read_jpeg_header(Bytes file, JpegHeader& header) {
  return HeaderReader(file, header).read();
}

}  // namespace pixtok::decode
