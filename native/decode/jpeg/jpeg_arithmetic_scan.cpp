#include "decode/jpeg/jpeg_arithmetic_scan.h"

#include <cstddef>

namespace pixtok::decode {

JpegStep pass_arithmetic_scan(JpegInput& input, JpegMarkers& markers,
                              const std::vector<JpegBlocks>& blocks) {
  JpegScanLayout layout;
  if (!lay_out_scan(markers, blocks, layout)) return JpegStep::kBroken;
  const auto interval = static_cast<std::size_t>(markers.restart_interval);
  const std::size_t intervals = interval == 0 ? 1 : (layout.units + interval - 1) / interval;
  for (std::size_t i = 0; i < intervals; ++i) {
    if (i > 0 && markers.read_restart() != JpegStep::kDone) return JpegStep::kSuspended;
    JpegCursor cursor(input);
    while (markers.unread == 0) {
      int byte = cursor.byte();
      const bool is_marked = byte == 0xFF;
      while (byte == 0xFF && !cursor.starved()) byte = cursor.byte();
      if (cursor.starved()) return JpegStep::kSuspended;
      if (is_marked) markers.unread = byte;  // 0 after a byte of data that is 0xFF
    }
    cursor.commit();
  }
  return JpegStep::kDone;
}

}  // namespace pixtok::decode
