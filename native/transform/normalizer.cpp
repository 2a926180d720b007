#include "transform/normalizer.h"

#include "core/half_float.h"

namespace pixtok::transform {

namespace {

float rescaled(int byte, const NormalizerOptions& options) {
  if (!options.rescale) return static_cast<float>(byte);
  if (options.arithmetic == RescaleArithmetic::kTorchvision) {
    return static_cast<float>(byte) / 255.0F;
  }
  const auto offset = static_cast<float>(options.offset);
  if (options.arithmetic == RescaleArithmetic::kFused) {
    return static_cast<float>(byte) * static_cast<float>(options.rescale_factor) - offset;
  }
  return static_cast<float>(static_cast<double>(byte) * options.rescale_factor) - offset;
}

// Whether rescaling is part of mean and std.
bool is_fused(const NormalizerOptions& options) {
  return options.arithmetic == RescaleArithmetic::kFused && options.rescale && options.normalize &&
         options.offset == 0.0;
}

}  // namespace

kernels::Normalizer build_normalizer(const NormalizerOptions& options,
                                     const kernels::KernelTable& kernels) {
  kernels::Normalizer normalizer{};
  const bool fused = is_fused(options);
  if (fused) normalizer.full_scale = 1.0F;
  for (int channel = 0; channel < 3; ++channel) {
    const float factor = fused ? static_cast<float>(1.0 / options.rescale_factor) : 1.0F;
    const float mean = static_cast<float>(options.mean[channel]) * factor;
    const float std = static_cast<float>(options.std[channel]) * factor;
    const float last_std = static_cast<float>(options.last_std[channel]);
    normalizer.mean[channel] = mean;
    normalizer.std[channel] = std;
    for (int byte = 0; byte < 256; ++byte) {
      float value = fused ? static_cast<float>(byte) : rescaled(byte, options);
      if (options.normalize) {
        value = value - mean;
        value = value / std;
      }
      value = value / last_std;
      normalizer.table[channel][byte] = value;
      normalizer.half_table[channel][byte] = core::to_half(value);
    }
  }
  normalizer.arithmetic =
      options.rescale && options.normalize && kernels.normalize.arithmetic_matches(normalizer);
  return normalizer;
}

}  // namespace pixtok::transform
