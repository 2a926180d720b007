#include "decode/jpeg/jpeg_verdict.h"

#include "decode/jpeg/jpeg_input.h"
#include "decode/jpeg/jpeg_markers.h"
#include "decode/jpeg/jpeg_walk.h"

namespace pixtok::decode {

namespace {

using core::Status;
using core::StatusCode;

// Pillow has no limit, and takes minutes over a small file of a large image with thousands.
constexpr int kMostScans = 500;

// Past images that consist of tables alone.
Status read_to_first_scan(JpegWalk& walk, JpegMarkers& markers) {
  for (;;) {
    const Status status = walk.read_to_scan();
    if (!status.ok() || !markers.at_end_of_image()) return status;
    if (markers.has_frame()) {
      return Status::failure(StatusCode::kCorruptImage,
                             "the JPEG file is corrupt: its image has no scan");
    }
    markers.start_over();
  }
}

// libjpeg does not convert the colours of lossless files, and takes them for RGB where nothing
// says what they are.
bool is_converted_lossless(const JpegMarkers& markers) {
  if (markers.frame.coding != JpegFrame::Coding::kLossless) return false;
  switch (markers.frame.components.size()) {
    case 3:
      return markers.jfif || markers.adobe_transform.value_or(0) != 0;
    case 4:
      return markers.adobe_transform.value_or(0) != 0;
    default:
      return false;
  }
}

}  // namespace

Status jpeg_verdict(core::Bytes file) {
  JpegInput input(file);
  JpegMarkers markers(input);
  JpegWalk walk(input, markers);
  Status status = read_to_first_scan(walk, markers);
  if (status.ok()) status = walk.set_up();
  if (!status.ok()) return status;
  if (is_converted_lossless(markers)) {
    return Status::failure(
        StatusCode::kUnsupportedFormat,
        "this is a lossless JPEG file of other colours than RGB, which is not read: convert it");
  }
  status = walk.read_scans(kMostScans);
  return status.ok() ? walk.read_end() : status;
}

}  // namespace pixtok::decode
