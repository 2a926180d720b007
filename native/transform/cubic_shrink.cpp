#include "transform/cubic_shrink.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace pixtok::transform {

namespace {

constexpr int kTaps = 4;
constexpr std::size_t kChannels = 3;

// The order in which the kernels' sums, which begin with a product alone, are torch's.
constexpr std::array<int, kTaps> kOrder = {1, 0, 2, 3};

// Where an axis is as many times longer as `times`: every output position lies in the middle of so
// many source positions. These weights of Keys' cubic, a = -0.75, are exact in float32.
class Axis {
 public:
  Axis(int source, int times) : source_(source), times_(times) {}

  // The source position of a tap, in the kernels' order; those beyond the image are its edge.
  int position(int place, int tap) const {
    const int middle = place * times_ + (times_ - 1) / 2;
    return std::clamp(middle + kOrder[static_cast<std::size_t>(tap)] - 1, 0, source_ - 1);
  }

  float weight(int tap) const {
    constexpr std::array<float, kTaps> between = {-0.09375F, 0.59375F, 0.59375F, -0.09375F};
    constexpr std::array<float, kTaps> upon = {0.0F, 1.0F, 0.0F, 0.0F};
    return (times_ % 2 == 0
                ? between
                : upon)[static_cast<std::size_t>(kOrder[static_cast<std::size_t>(tap)])];
  }

 private:
  int source_;
  int times_;
};

}  // namespace

void shrink_by_cubic(const core::PixelView& pixels, const kernels::Normalizer& normalizer,
                     int width, int height, const kernels::FloatResizeKernels& kernels,
                     CubicScratch& scratch, float* target) {
  const auto columns = static_cast<std::size_t>(width);
  const Axis across(pixels.width, pixels.width / width);
  const Axis down(pixels.height, pixels.height / height);
  scratch.staged.resize(kTaps * columns);
  scratch.rows.resize(kTaps * columns);
  scratch.first.resize(columns);
  scratch.count.assign(columns, kTaps);
  scratch.weights.resize(kTaps * columns);
  std::array<float, kTaps> rows_weights{};
  for (int tap = 0; tap < kTaps; ++tap) {
    rows_weights[static_cast<std::size_t>(tap)] = down.weight(tap);
    for (std::size_t x = 0; x < columns; ++x) {
      scratch.weights[kTaps * x + static_cast<std::size_t>(tap)] = across.weight(tap);
    }
  }
  for (std::size_t x = 0; x < columns; ++x) scratch.first[x] = static_cast<int>(kTaps * x);
  const kernels::FloatTaps taps{scratch.first.data(), scratch.count.data(), scratch.weights.data(),
                                kTaps};
  for (std::size_t channel = 0; channel < kChannels; ++channel) {
    const core::PlaneView& plane = pixels.planes[channel];
    const float* table = normalizer.table[channel];
    for (int y = 0; y < height; ++y, target += columns) {
      for (int row = 0; row < kTaps; ++row) {
        const std::uint8_t* bytes =
            plane.data + static_cast<std::size_t>(down.position(y, row)) * plane.stride;
        float* staged = scratch.staged.data();
        for (int x = 0; x < width; ++x) {
          for (int tap = 0; tap < kTaps; ++tap) *staged++ = table[bytes[across.position(x, tap)]];
        }
        kernels.resample_row(scratch.staged.data(), taps, width,
                             scratch.rows.data() + static_cast<std::size_t>(row) * columns);
      }
      kernels.resample_columns(scratch.rows.data(), width, rows_weights.data(), kTaps, target);
    }
  }
}

}  // namespace pixtok::transform
