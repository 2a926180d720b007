#include "decode/file_signature.h"

#include <string>

namespace pixtok::decode {

namespace {

constexpr std::uint8_t kMarker = 0xFF;
constexpr std::uint8_t kStartOfImage = 0xD8;

}  // namespace

bool is_jpeg(const std::uint8_t* file, std::size_t size) {
  return size >= kSignatureBytes && file[0] == kMarker && file[1] == kStartOfImage &&
         file[2] == kMarker;
}

core::Status too_many_pixels(std::int64_t width, std::int64_t height, std::int64_t max_pixels) {
  return core::Status::failure(core::StatusCode::kTooManyPixels,
                               "the file declares " + std::to_string(width) + "x" +
                                   std::to_string(height) +
                                   " pixels, more than maxPixels = " + std::to_string(max_pixels));
}

}  // namespace pixtok::decode
