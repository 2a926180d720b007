#include "kernels/resize/scalar.h"

#include <cstddef>

namespace pixtok::kernels::scalar {

namespace {

std::uint8_t to_byte(std::int32_t sum) {
  const std::int32_t value = sum >> kPrecisionBits;
  return static_cast<std::uint8_t>(value < 0 ? 0 : value > 255 ? 255 : value);
}

}  // namespace

void resample_rows(const std::uint8_t* const* sources, std::uint8_t* const* targets, int rows,
                   const AxisTaps& taps) {
  for (int row = 0; row < rows; ++row) {
    std::uint8_t* target = targets[row];
    for (int x = 0; x < taps.size; ++x, target += 3) {
      const std::uint8_t* pixel = sources[row] + 3 * static_cast<std::ptrdiff_t>(taps.first[x]);
      const std::int32_t* weights = &taps.weights[static_cast<std::size_t>(x) * taps.stride];
      std::int32_t red = kRounding, green = kRounding, blue = kRounding;
      for (int k = 0; k < taps.count[x]; ++k, pixel += 3) {
        red += pixel[0] * weights[k];
        green += pixel[1] * weights[k];
        blue += pixel[2] * weights[k];
      }
      target[0] = to_byte(red);
      target[1] = to_byte(green);
      target[2] = to_byte(blue);
    }
  }
}

void resample_columns(const WeightedRows& source, std::uint8_t* target, int bytes) {
  for (int i = 0; i < bytes; ++i) {
    std::int32_t sum = kRounding;
    for (int k = 0; k < source.count; ++k) sum += source.rows[k][i] * source.weights[k];
    target[i] = to_byte(sum);
  }
}

}  // namespace pixtok::kernels::scalar
