#pragma once

#include <vector>

#include "decode/jpeg/jpeg_markers.h"
#include "decode/jpeg/jpeg_scan_layout.h"

namespace pixtok::decode {

// Past one scan of arithmetic-coded data, without decoding it. libjpeg decodes anything, with zeros
// behind a marker, so that where a scan ends follows from its markers and the number of its
// intervals alone (jdarith.c). It cannot wait for more of a file within a scan: kSuspended is the
// end of it, where what is readable has no marker. (libjpeg perhaps needs none behind the last
// interval; then it opens a file that has lost its last bytes.)
JpegStep pass_arithmetic_scan(JpegInput& input, JpegMarkers& markers,
                              const std::vector<JpegBlocks>& blocks);

}  // namespace pixtok::decode
