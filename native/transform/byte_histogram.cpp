#include "transform/byte_histogram.h"

namespace pixtok::transform {

void count_bytes(const float* values, std::size_t pixels, ByteHistogram& histogram) {
  for (std::size_t i = 0; i < pixels; ++i) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const float value = values[3 * i + channel];
      if (!(value >= 1.0F && value <= 256.0F)) continue;
      ++histogram[channel][static_cast<std::size_t>(value) - 1];
    }
  }
}

}  // namespace pixtok::transform
