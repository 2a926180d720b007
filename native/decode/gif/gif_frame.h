#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/bytes.h"
#include "core/pixel_view.h"
#include "core/status.h"

namespace pixtok::decode {

// The first frame of a GIF file, as Pillow's GIF plugin reads what is in front of its pixels. The
// sides are 17 bits at most.
struct GifFrame {
  int width = 0;  // of the canvas
  int height = 0;
  int left = 0;  // of the frame, which lies on the canvas
  int top = 0;
  int frame_width = 0;
  int frame_height = 0;
  bool interlaced = false;
  int bits = 0;          // of the smallest code, less one
  std::size_t data = 0;  // where in the file the packed pixels begin

  core::Palette palette{};
  std::uint8_t background = 0;  // the index of canvas that the frame does not cover
};

// Fails where the plugin refuses a file. Precondition: the file begins as a GIF file does.
core::Status read_gif_frame(core::Bytes file, GifFrame& frame);

}  // namespace pixtok::decode
