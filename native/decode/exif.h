#pragma once

#include "core/bytes.h"

namespace pixtok::decode {

// The orientation that Pillow's ImageOps.exif_transpose turns an image by, 1 to 8: 1 where there
// is none, and where Pillow fails to read it. `exif` is a TIFF structure, with or without
// "Exif\0\0" in front (once: Pillow takes two, and puts one before what it has from JPEG and PNG
// files); `xmp` counts where the structure has no such tag. Each may be empty.
int exif_orientation(core::Bytes exif, core::Bytes xmp);

// What is behind one "Exif\0\0", where there is one: for formats in which Pillow passes over two.
core::Bytes without_exif_prefix(core::Bytes exif);

// Whether Pillow gets over reading the resolution, which it does when it opens a JPEG file: it
// fails at one that is stored as a single byte or digit.
bool has_readable_exif_resolution(core::Bytes exif);

}  // namespace pixtok::decode
