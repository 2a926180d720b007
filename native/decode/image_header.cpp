#include "decode/image_header.h"

#include <string>

namespace pixtok::decode {

namespace {

constexpr std::uint8_t kMarker = 0xFF;
constexpr std::uint8_t kStartOfImage = 0xD8;
constexpr std::uint8_t kEndOfImage = 0xD9;
constexpr std::uint8_t kStartOfScan = 0xDA;

bool has_length(std::uint8_t marker) {
  const bool standalone = marker == 0x01 || (marker >= 0xD0 && marker <= kEndOfImage);
  return !standalone;
}

}  // namespace

bool is_jpeg(const std::uint8_t* file, std::size_t size) {
  return size >= kSignatureBytes && file[0] == kMarker && file[1] == kStartOfImage &&
         file[2] == kMarker;
}

bool has_end_of_image(const std::uint8_t* file, std::size_t size) {
  std::size_t at = 2;
  bool in_scan = false;
  while (at + 1 < size) {
    if (file[at] != kMarker) {
      ++at;
      continue;
    }
    const std::uint8_t marker = file[at + 1];
    if (marker == kMarker) {  // fill byte
      ++at;
      continue;
    }
    if (marker == kEndOfImage && in_scan) return true;
    at += 2;
    if (marker == 0 || !has_length(marker)) continue;
    if (marker == kStartOfScan) in_scan = true;
    // A segment's own bytes (an EXIF thumbnail's, say) are no markers of this picture.
    if (at + 1 < size) at += static_cast<std::size_t>(file[at]) << 8 | file[at + 1];
  }
  return false;
}

core::Status too_many_pixels(std::int64_t width, std::int64_t height, std::int64_t max_pixels) {
  return core::Status::failure(core::StatusCode::kTooManyPixels,
                               "the file declares " + std::to_string(width) + "x" +
                                   std::to_string(height) +
                                   " pixels, more than maxPixels = " + std::to_string(max_pixels));
}

}  // namespace pixtok::decode
