#pragma once

#include "core/bytes.h"

namespace pixtok::decode {

// What an image says of itself in front of its pixels.
struct WebpFeatures {
  int width = 0;
  int height = 0;
  bool has_alpha = false;
};

// Of a chunk kLossy or kLossless, its header and what fills it up included. False where libwebp
// does not begin to decode it.
bool read_webp_image(core::Bytes chunk, WebpFeatures& features);

// Whether Pillow shows alpha of a file: libwebp's WebPGetFeatures(), which looks no further than
// for the first image, and at none of an animation. False where that fails. Precondition: the size
// that the file declares is that of `file`.
bool read_webp_alpha(core::Bytes file, bool& has_alpha);

}  // namespace pixtok::decode
