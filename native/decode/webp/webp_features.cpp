#include "decode/webp/webp_features.h"

#include <cstddef>
#include <cstdint>

#include "decode/file_numbers.h"
#include "decode/webp/webp_chunks.h"

namespace pixtok::decode {

namespace {

using core::Bytes;

// RFC 6386, section 9.1. `declared`: the bytes that the chunk says it has.
bool read_lossy(Bytes data, std::size_t declared, WebpFeatures& features) {
  constexpr std::size_t kHeader = 10;
  constexpr std::uint32_t kNewestProfile = 3;
  if (data.size < kHeader) return false;
  const std::uint8_t* at = data.data;
  const std::uint32_t bits = little16(at) | static_cast<std::uint32_t>(at[2]) << 16;
  const bool is_key_frame = (bits & 1) == 0;
  const bool is_shown = (bits >> 4 & 1) != 0;
  const bool has_start_code = at[3] == 0x9D && at[4] == 0x01 && at[5] == 0x2A;
  if (!is_key_frame || !is_shown || !has_start_code) return false;
  if ((bits >> 1 & 7) > kNewestProfile || bits >> 5 >= declared) return false;
  features.width = static_cast<int>(little16(at + 6) & 0x3FFF);
  features.height = static_cast<int>(little16(at + 8) & 0x3FFF);
  return features.width > 0 && features.height > 0;
}

// RFC 9649, section 3.4.
bool read_lossless(Bytes data, WebpFeatures& features) {
  constexpr std::size_t kHeader = 5;
  if (data.size < kHeader || data.data[0] != 0x2F) return false;
  const std::uint32_t bits = little32(data.data + 1);
  features.width = static_cast<int>(bits & 0x3FFF) + 1;
  features.height = static_cast<int>(bits >> 14 & 0x3FFF) + 1;
  features.has_alpha = (bits >> 28 & 1) != 0;
  return bits >> 29 == 0;
}

enum class Found { kImage, kEnd, kFault };

// From the chunk at `at` on to the first one of an image.
Found find_image(Bytes file, std::size_t& at, bool& has_plane) {
  for (;;) {
    if (file.size - at < kChunkHeader) return Found::kEnd;
    const std::uint32_t name = little32(file.data + at);
    const std::uint32_t size = little32(file.data + at + 4);
    if (size > kMostChunkBytes) return Found::kFault;
    const std::uint64_t padded = std::uint64_t{kChunkHeader} + size + (size & 1);
    if (padded > file.size - at) return Found::kFault;
    if (name == kLossy || name == kLossless) return Found::kImage;
    has_plane = has_plane || name == kAlphaPlane;
    at += static_cast<std::size_t>(padded);
  }
}

}  // namespace

bool read_webp_image(Bytes chunk, WebpFeatures& features) {
  features = {};
  if (chunk.size < kRiffHeader) return false;
  const Bytes data = chunk.from(kChunkHeader);
  return little32(chunk.data) == kLossless ? read_lossless(data, features)
                                           : read_lossy(data, little32(chunk.data + 4), features);
}

bool read_webp_alpha(Bytes file, bool& has_alpha) {
  std::size_t at = kRiffHeader;
  const std::uint8_t* extended = nullptr;
  has_alpha = false;
  bool has_plane = false;
  if (little32(file.data + at) == kExtended) {
    if (little32(file.data + at + 4) != kExtendedHeader ||
        file.size < kRiffHeader + kChunkHeader + kExtendedHeader) {
      return false;
    }
    extended = file.data + at + kChunkHeader;
    has_alpha = (extended[0] & kAlphaFlag) != 0;
    if ((extended[0] & kAnimationFlag) != 0) return true;
    at += kChunkHeader + kExtendedHeader;
    const Found found = find_image(file, at, has_plane);
    if (found == Found::kFault) return false;
    if (found == Found::kEnd) {
      has_alpha = has_alpha || has_plane;
      return true;
    }
  }
  WebpFeatures image;
  if (!read_webp_image(file.from(at), image)) return false;
  const bool is_lossless = little32(file.data + at) == kLossless;
  if (is_lossless) has_alpha = image.has_alpha;  // in place of the flag
  has_alpha = has_alpha || has_plane;
  return true;
}

}  // namespace pixtok::decode
