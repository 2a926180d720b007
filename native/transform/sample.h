#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "core/aligned_buffer.h"
#include "core/bytes.h"
#include "core/pixel_view.h"
#include "decode/file_reader.h"
#include "transform/region.h"
#include "transform/stage_times.h"

namespace pixtok::transform {

// An image file on disk.
struct FileSample {
  std::string path;
  decode::FileRange range;
};

// An image file in memory. `copy` owns the bytes where the caller cannot promise to keep them.
struct EncodedSample {
  const std::uint8_t* data;
  std::size_t size;
  core::AlignedBytes copy;
};

// Decoded pixels, owned as above.
struct RawSample {
  core::PixelView pixels;
  int orientation;  // EXIF's, 1 to 8
  core::AlignedBytes copy;
};

struct Sample {
  std::variant<FileSample, EncodedSample, RawSample> image;
  Region region;
  StageTimes times{};
  // The image's bytes where they are in a mapped file, which storage is waited for when they are
  // touched.
  core::Bytes mapped{};
  // The system fetches none of them but those that are touched or asked for.
  bool is_alone = false;
};

}  // namespace pixtok::transform
