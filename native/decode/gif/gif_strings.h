#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/bytes.h"
#include "core/status.h"
#include "decode/gif/gif_frame.h"

namespace pixtok::decode {

// Undoes the LZW compression of a frame (GIF89a specification, appendix F), as Pillow's
// GifDecode.c.
class GifStrings {
 public:
  // So many bytes behind the last index are written.
  static constexpr std::size_t kOverhang = 4096 + 8;

  // The indices of a frame in the order in which they are stored. Precondition: there is room for
  // them and the overhang.
  core::Status unpack(core::Bytes file, const GifFrame& frame, std::uint8_t* indices);

 private:
  static constexpr int kMostBits = 12;
  static constexpr std::uint32_t kCodes = 1 << kMostBits;

  // A string is what was written at its place in the output; it has fewer than kCodes indices.
  struct String {
    String() = default;
    String(std::size_t place, std::size_t length)
        : packed(std::uint64_t{place} << kMostBits | length) {}
    std::size_t place() const { return static_cast<std::size_t>(packed >> kMostBits); }
    std::size_t length() const { return static_cast<std::size_t>(packed & (kCodes - 1)); }

    std::uint64_t packed = 0;
  };

  std::array<String, kCodes> strings_;
};

}  // namespace pixtok::decode
