#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "kernels/kernel_table.h"
#include "kernels/normalize/normalize_kernels.h"
#include "transform/augmentation.h"
#include "transform/cells.h"
#include "transform/filter.h"
#include "transform/geometry.h"
#include "transform/resampler.h"

namespace pixtok::transform {

// Pillow refuses an image of more than twice its MAX_IMAGE_PIXELS.
inline constexpr std::int64_t kDefaultMaxPixels = 178956970;

// What becomes of each sample.
enum class Purpose {
  kImages,  // an image of one size, in a slot
  kViews,   // what its region's views say: geometry is not looked at, and there are no slots
  kSizes,   // width and height alone, as two int32 in a slot: the file's header is read
};

// What is done to every image of a batch, compiled once.
struct Plan {
  Geometry geometry;
  Filter filter = Filter::kBilinear;
  Resampler resampler = Resampler::kPillow13;
  kernels::ElementType type = kernels::ElementType::kFloat32;
  kernels::Layout layout = kernels::Layout::kChw;
  bool blue_first = false;  // channels in the order blue, green, red
  kernels::Normalizer normalizer{};
  std::int64_t max_pixels = kDefaultMaxPixels;
  bool exif_orientation = false;  // turn the image as its EXIF data say
  bool fast_decode = false;       // shrink images while they are decoded
  bool white_ground = false;      // put what is transparent on white, rather than drop alpha
  std::optional<Augmentation> augmentation;
  Purpose purpose = Purpose::kImages;
  std::optional<Cells> cells;  // how an image is stored, in place of one piece

  std::size_t element_bytes() const {
    switch (type) {
      case kernels::ElementType::kFloat32:
        return 4;
      case kernels::ElementType::kFloat16:
        return 2;
      case kernels::ElementType::kUint8:
        break;
    }
    return 1;
  }
  std::size_t plane_elements() const {
    return static_cast<std::size_t>(geometry.output_width) *
           static_cast<std::size_t>(geometry.output_height);
  }
  // Bytes from a sample's place in the batch to the next one's.
  std::size_t slot_bytes() const {
    switch (purpose) {
      case Purpose::kViews:
        return 0;
      case Purpose::kSizes:
        return 2 * sizeof(std::int32_t);
      case Purpose::kImages:
        break;
    }
    return 3 * plane_elements() * element_bytes();
  }
};

}  // namespace pixtok::transform
