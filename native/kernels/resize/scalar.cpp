#include "kernels/resize/resize_kernels.h"

namespace pixtok::kernels {

namespace {

std::uint8_t to_byte(std::int32_t sum, int precision) {
  const std::int32_t value = sum >> precision;
  return static_cast<std::uint8_t>(value < 0 ? 0 : value > 255 ? 255 : value);
}

void pack_taps(AxisTaps&) {}

void resample_rows(const std::uint8_t* const* sources, std::uint8_t* const* targets, int rows,
                   const AxisTaps& taps) {
  for (int row = 0; row < rows; ++row) {
    for (int x = 0; x < taps.size; ++x) {
      const std::uint8_t* source = sources[row] + taps.first[x];
      const std::int32_t* weights = taps.weights_of(x);
      std::int32_t sum = 1 << (taps.precision - 1);
      for (int k = 0; k < taps.count[x]; ++k) sum += source[k] * weights[k];
      targets[row][x] = to_byte(sum, taps.precision);
    }
  }
}

void resample_columns(const WeightedRows& source, std::uint8_t* target, int bytes) {
  for (int i = 0; i < bytes; ++i) {
    std::int32_t sum = 1 << (source.precision - 1);
    for (int k = 0; k < source.count; ++k) sum += source.rows[k][i] * source.weights[k];
    target[i] = to_byte(sum, source.precision);
  }
}

}  // namespace

const ResizeKernels kScalarResize = {pack_taps, resample_rows, resample_columns};

}  // namespace pixtok::kernels
