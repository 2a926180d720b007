#pragma once

#include <array>

#include "kernels/kernel_table.h"
#include "kernels/normalize/normalize_kernels.h"

namespace pixtok::transform {

// Whose order of float operations turns a byte into a number.
enum class RescaleArithmetic {
  kTorchvision,  // float32(byte) / 255
  kHuggingFace,  // float32(float64(byte) * factor)
  // float32(byte) * float32(factor); with mean and std these are multiplied by float32(1 / factor)
  // instead, and the byte is left as it is
  kFused,
  // byte * float32(factor), mean and std and each step after it, rounded to bfloat16, whose bits
  // stand in place of those of binary16
  kBfloat16,
};

struct NormalizerOptions {
  RescaleArithmetic arithmetic = RescaleArithmetic::kTorchvision;
  bool rescale = true;
  double rescale_factor = 1.0 / 255.0;  // not for kTorchvision
  double offset = 0.0;                  // subtracted after rescaling; kFused then multiplies
  bool normalize = true;
  std::array<double, 3> mean{};
  std::array<double, 3> std{};
  std::array<double, 3> last_std{1.0, 1.0, 1.0};  // divides once more, at the end
};

// The value is then (value - float32(mean)) / float32(std), each step rounded to float32.
kernels::Normalizer build_normalizer(const NormalizerOptions& options,
                                     const kernels::KernelTable& kernels);

}  // namespace pixtok::transform
