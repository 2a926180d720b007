#include "transform/operations/apply_operations.h"

#include <utility>

#include "transform/operations/colours.h"
#include "transform/operations/gaussian_blur.h"
#include "transform/operations/sharpness.h"
#include "transform/operations/tone_tables.h"
#include "transform/operations/warp.h"

namespace pixtok::transform {

using core::Status;

void OperationScratch::trim(std::size_t keep_at_most) {
  image.trim(keep_at_most);
  other.trim(keep_at_most);
  values.trim(keep_at_most);
}

Status apply_operations(const std::vector<Operation>& operations,
                        const kernels::KernelTable& kernels, OperationScratch& scratch,
                        ByteImage& image) {
  for (const Operation& operation : operations) {
    switch (operation.kind) {
      case OperationKind::kSaturation:
        change_saturation(image, operation.amount());
        break;
      case OperationKind::kHue:
        turn_hue(image, operation.amount());
        break;
      case OperationKind::kGrayscale:
        make_grey(image);
        break;
      case OperationKind::kSharpness:
        change_sharpness(image, operation.amount(), scratch.values);
        break;
      case OperationKind::kGaussianBlur: {
        const Status status =
            blur(image, Blur::of(operation), kernels.float_resize, scratch.values);
        if (!status.ok()) return status;
        break;
      }
      case OperationKind::kRotate:
      case OperationKind::kAffine: {
        const ByteImage target = ByteImage::in(scratch.other, image.width, image.height);
        const auto warp = operation.kind == OperationKind::kRotate ? rotate : affine;
        warp(image, Warp::of(operation), target);
        std::swap(scratch.image, scratch.other);
        image = target;
        break;
      }
      case OperationKind::kErase:
        break;
      case OperationKind::kBrightness:
      case OperationKind::kContrast:
      case OperationKind::kPosterize:
      case OperationKind::kSolarize:
      case OperationKind::kInvert:
      case OperationKind::kAutocontrast:
      case OperationKind::kEqualize:
        change_tones(operation, image);
        break;
    }
  }
  return Status::success();
}

}  // namespace pixtok::transform
