#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "core/bytes.h"
#include "core/pixel_view.h"
#include "core/status.h"
#include "decode/image_decoder.h"
#include "test/images.h"

namespace pixtok::test {

// What a decoder makes of a file.
struct DecodedImage {
  core::Status status;
  // Empty where the status is a failure.
  std::vector<std::uint8_t> pixels;
  core::PixelFormat format{};
  int orientation = 0;
};

// kDeclined where the decoder is not for the format. The decoder may be used again, as a thread's
// is.
DecodedImage decoded(decode::ImageDecoder& decoder, core::Bytes file);

// A file with one, two or three bits changed behind the first `kept` bytes, every fourth one cut
// there, too: the i-th of a series. Precondition: it has more than `kept` bytes.
FileBytes damaged_file(const FileBytes& whole, std::size_t kept, int i, std::mt19937_64& random);

}  // namespace pixtok::test
