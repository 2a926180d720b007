#include "transform/normalizer.h"

#include <cmath>
#include <cstdint>
#include <cstring>

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

// IEEE binary32 to binary16, to nearest, ties to even.
std::uint16_t to_half(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  const std::uint16_t sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000U);
  if (std::isnan(value)) return static_cast<std::uint16_t>(sign | 0x7E00U);
  const float magnitude = std::fabs(value);
  if (magnitude >= 65520.0F) return static_cast<std::uint16_t>(sign | 0x7C00U);
  // Below 2^-14 a half is a whole multiple of 2^-24; above, it has 10 fraction bits.
  const bool subnormal = magnitude < 0x1p-14F;
  int exponent = 0;
  std::frexp(magnitude, &exponent);
  const int fraction_bits = subnormal ? 24 : 11 - exponent;
  const auto units = static_cast<std::uint32_t>(
      std::nearbyint(std::ldexp(static_cast<double>(magnitude), fraction_bits)));
  if (subnormal) return static_cast<std::uint16_t>(sign | units);
  // `units` is in [2^10, 2^11]; its leading bit, or a carry, adds to the exponent field.
  return static_cast<std::uint16_t>(sign |
                                    ((static_cast<std::uint32_t>(exponent + 13) << 10) + units));
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
      normalizer.half_table[channel][byte] = to_half(value);
    }
  }
  normalizer.arithmetic =
      options.rescale && options.normalize && kernels.normalize.arithmetic_matches(normalizer);
  return normalizer;
}

}  // namespace pixtok::transform
