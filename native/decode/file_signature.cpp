#include "decode/file_signature.h"

#include <cstring>

namespace pixtok::decode {

namespace {

constexpr std::uint8_t kMarker = 0xFF;
constexpr std::uint8_t kStartOfImage = 0xD8;

}  // namespace

bool is_jpeg(const std::uint8_t* file, std::size_t size) {
  return size >= 3 && file[0] == kMarker && file[1] == kStartOfImage && file[2] == kMarker;
}

bool is_gif(const std::uint8_t* file, std::size_t size) {
  return size >= 6 && (std::memcmp(file, "GIF87a", 6) == 0 || std::memcmp(file, "GIF89a", 6) == 0);
}

bool is_png(const std::uint8_t* file, std::size_t size) {
  return size >= 8 && std::memcmp(file, "\x89PNG\r\n\x1A\n", 8) == 0;
}

bool is_webp(const std::uint8_t* file, std::size_t size) {
  return size >= 12 && std::memcmp(file, "RIFF", 4) == 0 && std::memcmp(file + 8, "WEBP", 4) == 0;
}

bool is_bmp(const std::uint8_t* file, std::size_t size) {
  return size >= 2 && std::memcmp(file, "BM", 2) == 0;
}

bool is_qoi(const std::uint8_t* file, std::size_t size) {
  return size >= 4 && std::memcmp(file, "qoif", 4) == 0;
}

}  // namespace pixtok::decode
