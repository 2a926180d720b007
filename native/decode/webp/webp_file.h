#pragma once

#include <cstdint>

#include "core/bytes.h"
#include "core/status.h"

namespace pixtok::decode {

// A WebP file (RFC 9649) that is whole, as far as its first image.
struct WebpFile {
  // Of the canvas, which is the image where there is no animation.
  int width = 0;
  int height = 0;
  // Whether Pillow shows alpha: not always whether the image has some.
  bool has_alpha = false;

  // The image, or the first frame: its chunk, in front of it that of its alpha where there is one.
  core::Bytes frame;
  int left = 0;  // on the canvas, as the size, and within it
  int top = 0;
  int frame_width = 0;
  int frame_height = 0;

  core::Bytes exif;
  core::Bytes xmp;
};

// How many bytes the file says that it has. Precondition: is_webp() of `start`.
std::uint64_t declared_webp_bytes(core::Bytes start);

// By the rules of libwebp's WebPDemux(), by which Pillow opens all WebP files: fails where the file
// ends early, and where its chunks are not those of an image, those of later frames included. What
// is in the images is not looked at but for their size. Precondition: is_webp() of the file.
core::Status read_webp_file(core::Bytes file, WebpFile& webp);

// EXIF's, 1 to 8.
int webp_orientation(const WebpFile& webp);

// Of a file whose image cannot be decoded.
core::Status webp_fault(core::Bytes file);

}  // namespace pixtok::decode
