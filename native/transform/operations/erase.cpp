#include "transform/operations/erase.h"

#include <cstddef>
#include <cstring>
#include <string>

#include "core/half_float.h"
#include "core/normal_stream.h"
#include "transform/region.h"

namespace pixtok::transform {

namespace {

using core::Status;

// Writes a number of the output as the plan's type has it.
void store(float value, kernels::ElementType type, std::size_t element, std::uint8_t* slot) {
  switch (type) {
    case kernels::ElementType::kFloat32:
      std::memcpy(slot + element * sizeof value, &value, sizeof value);
      break;
    case kernels::ElementType::kFloat16: {
      const std::uint16_t half = core::to_half(value);
      std::memcpy(slot + element * sizeof half, &half, sizeof half);
      break;
    }
    case kernels::ElementType::kUint8:
      slot[element] = static_cast<std::uint8_t>(value);
      break;
  }
}

}  // namespace

Status erase(const Erasure& options, const core::RandomKey& key, const Plan& plan,
             std::uint8_t* slot) {
  const int width = plan.geometry.output_width;
  const int height = plan.geometry.output_height;
  const PixelRect part{options.left, options.top, options.width, options.height};
  if (!part.is_inside(width, height)) {
    return Status::failure(core::StatusCode::kDoesNotFit,
                           "the erased part is not inside the output of " + std::to_string(width) +
                               "x" + std::to_string(height));
  }
  core::NormalStream noise(core::RandomStream(key, core::RandomUse::kNoise));
  const bool chw = plan.layout == kernels::Layout::kChw;
  for (std::size_t channel = 0; channel < 3; ++channel) {
    for (int y = part.top; y < part.top + part.height; ++y) {
      for (int x = part.left; x < part.left + part.width; ++x) {
        const std::size_t pixel = static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                                  static_cast<std::size_t>(x);
        const std::size_t element =
            chw ? channel * plan.plane_elements() + pixel : 3 * pixel + channel;
        const double value = options.noise ? noise.next() : options.value[channel];
        store(static_cast<float>(value), plan.type, element, slot);
      }
    }
  }
  return Status::success();
}

}  // namespace pixtok::transform
