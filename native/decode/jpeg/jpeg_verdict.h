#pragma once

#include "core/bytes.h"
#include "core/status.h"

namespace pixtok::decode {

// What Pillow 13, which is built with libjpeg-turbo 3.2, says of a JPEG file whose header it has
// read: success where it opens, kTruncatedImage where it runs out of file, kCorruptImage where
// libjpeg gives up, kUnsupportedFormat where a whole file may be of a kind that Pillow fails to
// read.
//
// This is for files that a decoder has complained of. A decoder cannot tell by itself: TurboJPEG
// does not say whether an error came behind a warning, and pads a file that ends early, which
// Pillow does not; Pillow in turn forgives what comes behind the last row if it does not see it. So
// the file is read again, as Pillow has libjpeg read it, without making pixels. Throws
// std::bad_alloc.
core::Status jpeg_verdict(core::Bytes file);

}  // namespace pixtok::decode
