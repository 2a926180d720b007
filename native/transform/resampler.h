#pragma once

#include <cstdint>

#include "transform/filter.h"

namespace pixtok::transform {

// Whose resize of bytes: its fixed point, and the order of its passes.
enum class Resampler {
  kPillow13,
  kPillow12,
  kTorch,  // uint8 tensors with antialias, as torchvision's transforms of tensors
};

// torch has no antialiased box and hamming filter.
inline bool has_filter(Resampler resampler, Filter filter) {
  return resampler != Resampler::kTorch || (filter != Filter::kBox && filter != Filter::kHamming);
}

// Whether torch takes the way that it has for small results: its last bits, and a few of the places
// that nearest takes pixels from, are others.
inline bool is_small_to_torch(int resized_width, int resized_height) {
  return resized_width + resized_height <= 128;
}

// Whether the vertical pass comes before the horizontal one. Sizes are those of the whole source
// and of the whole resized image, whatever part of them is asked for.
inline bool is_vertical_first(Resampler resampler, int width, int height, int resized_width,
                              int resized_height) {
  const std::int64_t fewer_rows = std::int64_t{height} - resized_height;
  const std::int64_t fewer_columns = std::int64_t{width} - resized_width;
  switch (resampler) {
    case Resampler::kPillow13:
      return fewer_rows > 0 && fewer_rows > 2 * fewer_columns;
    case Resampler::kPillow12:
      return fewer_rows > 0 && height > 100 * std::int64_t{width};
    case Resampler::kTorch:
      break;
  }
  return false;
}

}  // namespace pixtok::transform
