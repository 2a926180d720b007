#include "decode/jpeg/jpeg_walk.h"

#include <algorithm>
#include <cstddef>

#include "decode/jpeg/jpeg_arithmetic_scan.h"
#include "decode/jpeg/jpeg_scan.h"

namespace pixtok::decode {

namespace {

using core::Status;
using core::StatusCode;

Status truncated() {
  return Status::failure(StatusCode::kTruncatedImage, "the JPEG file is truncated");
}

Status corrupt() {
  return Status::failure(StatusCode::kCorruptImage,
                         "the JPEG file is corrupt: its data cannot be decoded");
}

}  // namespace

// Takes a step, again and again with more of the file where it needs more.
template <typename Take>
Status JpegWalk::repeat(Take take) {
  for (;;) {
    switch (take()) {
      case JpegStep::kDone:
        return Status::success();
      case JpegStep::kBroken:
        return corrupt();
      case JpegStep::kSuspended:
        if (!input_.add_piece()) return truncated();
    }
  }
}

Status JpegWalk::read_to_scan() {
  return repeat([this] { return markers_.read_to_scan(); });
}

Status JpegWalk::set_up() {
  constexpr int kLargestSide = 65500;
  constexpr std::size_t kMostComponents = 10;
  constexpr int kMostSampling = 4;
  const JpegFrame& frame = markers_.frame;
  const bool lossless = frame.coding == JpegFrame::Coding::kLossless;
  if (frame.height > kLargestSide || frame.width > kLargestSide || frame.precision != 8 ||
      frame.components.size() > kMostComponents || (lossless && frame.arithmetic)) {
    return corrupt();
  }
  int across = 1;
  int down = 1;
  for (const JpegComponent& component : frame.components) {
    if (component.across < 1 || component.across > kMostSampling || component.down < 1 ||
        component.down > kMostSampling) {
      return corrupt();
    }
    across = std::max(across, component.across);
    down = std::max(down, component.down);
  }
  for (const JpegComponent& component : frame.components) {
    if (across % component.across != 0 || down % component.down != 0) return corrupt();
    const auto blocks = [side = frame.block_side()](int size, int factor, int largest) {
      return static_cast<std::size_t>((size * factor + side * largest - 1) / (side * largest));
    };
    blocks_.push_back({blocks(frame.width, component.across, across),
                       blocks(frame.height, component.down, down)});
  }
  if (frame.coding == JpegFrame::Coding::kSequential && !frame.arithmetic) {
    for (int number : {0, 1}) {
      const auto place = static_cast<std::size_t>(number);
      if (!markers_.dc_tables[place].defined) {
        markers_.dc_tables[place] = standard_dc_table(number);
      }
      if (!markers_.ac_tables[place].defined) {
        markers_.ac_tables[place] = standard_ac_table(number);
      }
    }
  }
  return Status::success();
}

bool JpegWalk::has_one_scan() const {
  return markers_.frame.coding != JpegFrame::Coding::kProgressive &&
         markers_.scan.components.size() == markers_.frame.components.size();
}

bool JpegWalk::is_sequential() const {
  return has_one_scan() && !markers_.frame.arithmetic &&
         markers_.frame.coding == JpegFrame::Coding::kSequential;
}

Status JpegWalk::begin_scan() {
  JpegScan scan(input_, markers_, blocks_);
  return scan.begin() == JpegStep::kDone ? Status::success() : corrupt();
}

Status JpegWalk::read_scans(int most_scans) {
  const bool one_scan = has_one_scan();
  while (!markers_.at_end_of_image()) {
    Status status = read_scan();
    if (!status.ok() || one_scan) return status;
    if (markers_.scans >= most_scans) return corrupt();
    status = read_to_scan();
    if (!status.ok()) return status;
  }
  return Status::success();
}

Status JpegWalk::read_end() {
  if (markers_.at_end_of_image()) return Status::success();
  switch (markers_.read_to_scan()) {
    case JpegStep::kBroken:
      return corrupt();
    case JpegStep::kDone:
      return markers_.at_end_of_image() ? Status::success() : corrupt();
    case JpegStep::kSuspended:
      break;
  }
  return Status::success();
}

Status JpegWalk::read_scan() {
  if (markers_.frame.arithmetic) return pass_arithmetic();
  JpegScan scan(input_, markers_, blocks_);
  if (scan.begin() != JpegStep::kDone) return corrupt();
  for (std::size_t unit = 0; unit < scan.units(); ++unit) {
    const Status status = repeat([&scan] { return scan.decode_unit(); });
    if (!status.ok()) return status;
  }
  return Status::success();
}

Status JpegWalk::pass_arithmetic() {
  switch (pass_arithmetic_scan(input_, markers_, blocks_)) {
    case JpegStep::kDone:
      return Status::success();
    case JpegStep::kBroken:
      return corrupt();
    case JpegStep::kSuspended:
      break;
  }
  if (!input_.add_piece()) return truncated();
  return Status::failure(StatusCode::kUnsupportedFormat,
                         "this is a JPEG file of arithmetic coding with more than 64 KiB, which is "
                         "not read: convert it");
}

}  // namespace pixtok::decode
