#include "decode/jpeg/jpeg_verdict.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "decode/jpeg/jpeg_arithmetic_scan.h"
#include "decode/jpeg/jpeg_input.h"
#include "decode/jpeg/jpeg_markers.h"
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

Status unsupported(const char* what) {
  return Status::failure(StatusCode::kUnsupportedFormat, what);
}

class VerdictReader {
 public:
  explicit VerdictReader(core::Bytes file) : input_(file), markers_(input_) {}

  Status verdict() {
    Status status = read_to_first_scan();
    if (!status.ok()) return status;
    if (!set_up()) return corrupt();
    if (is_converted_lossless()) {
      return unsupported(
          "this is a lossless JPEG file of other colours than RGB, which is not read: convert it");
    }
    const bool one_scan = markers_.frame.coding != JpegFrame::Coding::kProgressive &&
                          markers_.scan.components.size() == markers_.frame.components.size();
    while (!markers_.at_end_of_image()) {
      status = read_scan();
      if (!status.ok()) return status;
      if (one_scan) return verdict_on_end();
      if (markers_.scans >= kMostScans) return corrupt();
      status = repeat([this] { return markers_.read_to_scan(); });
      if (!status.ok()) return status;
    }
    return Status::success();
  }

 private:
  // Takes a step, again and again with more of the file where it needs more.
  template <typename Take>
  Status repeat(Take take) {
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

  // Past images that consist of tables alone.
  Status read_to_first_scan() {
    for (;;) {
      const Status status = repeat([this] { return markers_.read_to_scan(); });
      if (!status.ok() || !markers_.at_end_of_image()) return status;
      if (markers_.has_frame()) return corrupt();
      markers_.start_over();
    }
  }

  bool set_up() {
    constexpr int kLargestSide = 65500;
    constexpr std::size_t kMostComponents = 10;
    constexpr int kMostSampling = 4;
    const JpegFrame& frame = markers_.frame;
    const bool lossless = frame.coding == JpegFrame::Coding::kLossless;
    if (frame.height > kLargestSide || frame.width > kLargestSide || frame.precision != 8 ||
        frame.components.size() > kMostComponents || (lossless && frame.arithmetic)) {
      return false;
    }
    int across = 1;
    int down = 1;
    for (const JpegComponent& component : frame.components) {
      if (component.across < 1 || component.across > kMostSampling || component.down < 1 ||
          component.down > kMostSampling) {
        return false;
      }
      across = std::max(across, component.across);
      down = std::max(down, component.down);
    }
    for (const JpegComponent& component : frame.components) {
      if (across % component.across != 0 || down % component.down != 0) return false;
      const auto blocks = [side = frame.block_side()](int size, int factor, int largest) {
        return static_cast<std::size_t>((size * factor + side * largest - 1) / (side * largest));
      };
      blocks_.push_back({blocks(frame.width, component.across, across),
                         blocks(frame.height, component.down, down),
                         {}});
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
    return true;
  }

  // libjpeg does not convert the colours of lossless files, and takes them for RGB where nothing
  // says what they are.
  bool is_converted_lossless() const {
    if (markers_.frame.coding != JpegFrame::Coding::kLossless) return false;
    switch (markers_.frame.components.size()) {
      case 3:
        return markers_.jfif || markers_.adobe_transform.value_or(0) != 0;
      case 4:
        return markers_.adobe_transform.value_or(0) != 0;
      default:
        return false;
    }
  }

  Status read_scan() {
    if (markers_.frame.arithmetic) return pass_arithmetic();
    JpegScan scan(input_, markers_, blocks_);
    if (scan.begin() != JpegStep::kDone) return corrupt();
    for (std::size_t unit = 0; unit < scan.units(); ++unit) {
      const Status status = repeat([&scan] { return scan.decode_unit(); });
      if (!status.ok()) return status;
    }
    return Status::success();
  }

  Status pass_arithmetic() {
    switch (pass_arithmetic_scan(input_, markers_, blocks_)) {
      case JpegStep::kDone:
        return Status::success();
      case JpegStep::kBroken:
        return corrupt();
      case JpegStep::kSuspended:
        break;
    }
    if (!input_.add_piece()) return truncated();
    return unsupported(
        "this is a JPEG file of arithmetic coding with more than 64 KiB, which is not read: "
        "convert "
        "it");
  }

  // Behind the last row libjpeg looks for the end of the image, in the piece of the file that it
  // has.
  Status verdict_on_end() {
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

  // Pillow has no limit, and takes minutes over a small file of a large image with thousands.
  static constexpr int kMostScans = 500;

  JpegInput input_;
  JpegMarkers markers_;
  std::vector<JpegBlocks> blocks_;
};

}  // namespace

Status jpeg_verdict(core::Bytes file) { return VerdictReader(file).verdict(); }

}  // namespace pixtok::decode
