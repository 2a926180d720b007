#pragma once

#include <cstddef>
#include <vector>

namespace pixtok::transform {

// How float32 images are resized. Those with antialias take as many source positions as the output
// position covers; the others take two.
enum class FloatFilter {
  kNearest,  // torch's nearest-exact
  kAntialiasedBilinear,
  kAntialiasedBicubic,
  kBilinear,                // edges meet the edges of the source
  kBilinearCornerToCorner,  // middles of the outermost pixels meet those of the source
};

// Taps of one axis in float32, as torch computes them.
struct FloatTaps {
  std::vector<int> first;  // of each output position
  std::vector<int> count;
  std::vector<float> weights;  // `most` for each output position
  int most = 0;

  const float* weights_of(int position) const {
    return weights.data() + static_cast<std::size_t>(position) * static_cast<std::size_t>(most);
  }
};

// Precondition: `filter` is one of those with antialias; in and out are positive.
FloatTaps antialiased_taps(FloatFilter filter, int in, int out);

// Two source positions and their weights, of each output position.
struct FloatPairs {
  std::vector<int> first;
  std::vector<int> second;
  std::vector<float> first_weight;
  std::vector<float> second_weight;
};

// torch has two ways to the same place, which differ in the last bit. `fused`: the place is one
// multiply-add. Precondition: in and out are positive.
FloatPairs bilinear_pairs(bool corner_to_corner, bool fused, int in, int out);

}  // namespace pixtok::transform
