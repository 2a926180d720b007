#include "decode/image_fault.h"

#include "core/limits.h"

namespace pixtok::decode {

using core::Status;
using core::StatusCode;

Status corrupt(const std::string& what) {
  return Status::failure(StatusCode::kCorruptImage, "the file is corrupt: " + what);
}

Status truncated(const std::string& what) {
  return Status::failure(StatusCode::kTruncatedImage, "the file is truncated: " + what);
}

Status unsupported(const std::string& what) {
  return Status::failure(StatusCode::kUnsupportedFormat, what);
}

Status require_sides(std::uint64_t width, std::uint64_t height) {
  if (width == 0 || height == 0) return corrupt("its image has no pixels");
  if (width <= core::kMaxSide && height <= core::kMaxSide) return Status::success();
  return unsupported("the file declares " + std::to_string(width) + " x " + std::to_string(height) +
                     " pixels; no side may be over " + std::to_string(core::kMaxSide));
}

Status too_many_pixels(std::int64_t width, std::int64_t height, std::int64_t max_pixels) {
  return Status::failure(StatusCode::kTooManyPixels,
                         "the file declares " + std::to_string(width) + "x" +
                             std::to_string(height) +
                             " pixels, more than maxPixels = " + std::to_string(max_pixels));
}

}  // namespace pixtok::decode
