#pragma once

#include <cstddef>
#include <vector>

#include "kernels/float_resize/float_resize_kernels.h"

namespace pixtok::transform {

// How float32 images are resized. Those with antialias take as many source positions as the output
// position covers; the others take two.
enum class FloatFilter {
  kNearest,  // torch's nearest-exact
  kAntialiasedBilinear,
  kAntialiasedBicubic,
  kBilinear,                // edges meet the edges of the source
  kBilinearCornerToCorner,  // middles of the outermost pixels meet those of the source
  kBlurredBilinear,         // kBilinear of what a Gaussian filter leaves, where both sides shrink
};

// Taps of one axis in float32, as torch computes them.
struct FloatAxisTaps {
  std::vector<int> first;
  std::vector<int> count;
  std::vector<float> weights;
  int most = 0;

  kernels::FloatTaps view() const { return {first.data(), count.data(), weights.data(), most}; }
  const float* weights_of(int position) const {
    return weights.data() + static_cast<std::size_t>(position) * static_cast<std::size_t>(most);
  }
};

// Precondition: `filter` is one of those with antialias; in and out are positive.
FloatAxisTaps antialiased_taps(FloatFilter filter, int in, int out);

struct FloatAxisPairs {
  std::vector<int> first;
  std::vector<int> second;
  std::vector<float> first_weight;
  std::vector<float> second_weight;

  kernels::FloatPairs view() const {
    return {first.data(), second.data(), first_weight.data(), second_weight.data()};
  }
};

// torch has two ways to the place of an output position, which differ in the last bit. `fused`: it
// is one multiply-add. Precondition: in and out are positive.
FloatAxisPairs bilinear_pairs(bool corner_to_corner, bool fused, int in, int out);

}  // namespace pixtok::transform
