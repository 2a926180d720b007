#include "transform/float_taps.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "core/fused_multiply_add.h"

namespace pixtok::transform {

namespace {

using core::fused_multiply_add;

float triangle(float x) { return std::max(1.0F - std::fabs(x), 0.0F); }

// Keys' cubic convolution with a = -0.5; torch's compiler fuses its multiplications and additions.
float cubic(float x) {
  constexpr float a = -0.5F;
  x = std::fabs(x);
  if (x < 1.0F)
    return fused_multiply_add(fused_multiply_add(a + 2.0F, x, -(a + 3.0F)) * x, x, 1.0F);
  if (x >= 2.0F) return 0.0F;
  return fused_multiply_add(fused_multiply_add(fused_multiply_add(a, x, -5.0F * a), x, 8.0F * a), x,
                            -4.0F * a);
}

}  // namespace

// Constants are doubles where they are in torch, whose sums are then doubles, too.
FloatAxisTaps antialiased_taps(FloatFilter filter, int in, int out) {
  const bool is_cubic = filter == FloatFilter::kAntialiasedBicubic;
  const float scale = static_cast<float>(in) / static_cast<float>(out);
  const double reach = is_cubic ? 2.0 : 1.0;
  const auto support = static_cast<float>(scale >= 1.0F ? reach * scale : reach);
  const float inverse = scale >= 1.0F ? static_cast<float>(1.0 / scale) : 1.0F;
  FloatAxisTaps taps;
  taps.most = static_cast<int>(std::ceil(support)) * 2 + 1;
  taps.weights.resize(static_cast<std::size_t>(out) * static_cast<std::size_t>(taps.most));
  for (int i = 0; i < out; ++i) {
    const auto centre = static_cast<float>(scale * (i + 0.5));
    const int first = std::max(static_cast<int>((centre - support) + 0.5), 0);
    const int end = std::min(static_cast<int>((centre + support) + 0.5), in);
    const int count = std::clamp(end - first, 0, taps.most);
    float* weights = taps.weights.data() + static_cast<std::size_t>(i) * taps.most;
    float sum = 0.0F;
    for (int k = 0; k < count; ++k) {
      const auto place = static_cast<float>(((static_cast<float>(k + first) - centre) + 0.5) *
                                            static_cast<double>(inverse));
      weights[k] = is_cubic ? cubic(place) : triangle(place);
      sum += weights[k];
    }
    if (sum != 0.0F) {
      for (int k = 0; k < count; ++k) weights[k] /= sum;
    }
    taps.first.push_back(first);
    taps.count.push_back(count);
  }
  return taps;
}

FloatAxisPairs bilinear_pairs(bool corner_to_corner, bool fused, int in, int out) {
  const auto length = [corner_to_corner](int side) {
    return static_cast<float>(corner_to_corner ? side - 1 : side);
  };
  const float scale = corner_to_corner && out == 1 ? 0.0F : length(in) / length(out);
  FloatAxisPairs pairs;
  for (int i = 0; i < out; ++i) {
    const auto position = static_cast<float>(i);
    float place = position;
    if (corner_to_corner) {
      place = scale * position;
    } else if (fused) {
      place = fused_multiply_add(scale, position + 0.5F, -0.5F);
    } else {
      place = scale * (position + 0.5F) - 0.5F;
    }
    place = std::max(place, 0.0F);
    const int first = std::min(static_cast<int>(place), in - 1);
    const float share = std::clamp(place - static_cast<float>(first), 0.0F, 1.0F);
    pairs.first.push_back(first);
    pairs.second.push_back(first + (first < in - 1 ? 1 : 0));
    pairs.first_weight.push_back(1.0F - share);
    pairs.second_weight.push_back(share);
  }
  return pairs;
}

}  // namespace pixtok::transform
