#include "transform/normalizer.h"

#include <cstdint>
#include <cstring>

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

// IEEE binary32 to its upper half, to nearest, ties to even. Precondition: it is no NaN.
std::uint16_t to_bfloat16(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

float rounded_to_bfloat16(float value) {
  const std::uint32_t bits = static_cast<std::uint32_t>(to_bfloat16(value)) << 16;
  float rounded = 0.0F;
  std::memcpy(&rounded, &bits, sizeof rounded);
  return rounded;
}

// Of a channel, as torch's operations on tensors of bfloat16.
float bfloat16_value(int byte, int channel, const NormalizerOptions& options) {
  const auto rounded = [](double value) { return rounded_to_bfloat16(static_cast<float>(value)); };
  float value = static_cast<float>(byte);
  if (options.rescale) {
    value = rounded_to_bfloat16(value * static_cast<float>(options.rescale_factor));
  }
  if (!options.normalize) return value;
  value = rounded_to_bfloat16(value - rounded(options.mean[channel]));
  return rounded_to_bfloat16(value / rounded(options.std[channel]));
}

}  // namespace

kernels::Normalizer build_normalizer(const NormalizerOptions& options,
                                     const kernels::KernelTable& kernels) {
  kernels::Normalizer normalizer{};
  if (options.arithmetic == RescaleArithmetic::kBfloat16) {
    for (int channel = 0; channel < 3; ++channel) {
      for (int byte = 0; byte < 256; ++byte) {
        const float value = bfloat16_value(byte, channel, options);
        normalizer.table[channel][byte] = value;
        normalizer.half_table[channel][byte] = to_bfloat16(value);
      }
    }
    return normalizer;
  }
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
