#include "transform/gaussian_window.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "core/fused_multiply_add.h"

namespace pixtok::transform {

namespace {

using core::fused_multiply_add;

constexpr std::size_t kLanes = 8;

// Sleef's expf of one unit in the last place, with fused multiply-adds, which torch calls.
// Precondition: x is zero or less.
float exponential(float x) {
  constexpr float kLeast = -104.0F;  // below it, zero
  constexpr auto kInverseOfLog2 = static_cast<float>(1.442695040888963407359924681001892137);
  constexpr float kLog2Upper = 0.693145751953125F;
  constexpr auto kLog2Lower = static_cast<float>(1.428606765330187045e-06);
  constexpr std::array<float, 5> kCoefficients = {
      0.00139304355252534151077271F, 0.00833336077630519866943359F, 0.0416664853692054748535156F,
      0.166666671633720397949219F, 0.5F};
  if (x < kLeast) return 0.0F;
  const float power = std::nearbyint(x * kInverseOfLog2);
  float rest = fused_multiply_add(power, -kLog2Upper, x);
  rest = fused_multiply_add(power, -kLog2Lower, rest);
  float series = 0.000198527617612853646278381F;
  for (const float coefficient : kCoefficients) {
    series = fused_multiply_add(series, rest, coefficient);
  }
  const float value = 1.0F + fused_multiply_add(rest * rest, series, rest);
  // in two steps; the first is exact: the result may be smaller than normal numbers are
  const int half = static_cast<int>(power) / 2;
  return value * std::ldexp(1.0F, half) * std::ldexp(1.0F, static_cast<int>(power) - half);
}

// The sum of all values in vectors, whose lanes are summed up by halves; of few, one after the
// other.
float sum_of(const std::vector<float>& values) {
  float sum = 0.0F;
  if (values.size() < kLanes) {
    for (const float value : values) sum += value;
    return sum;
  }
  std::array<float, kLanes> lanes{};
  for (std::size_t i = 0; i < values.size(); ++i) lanes[i % kLanes] += values[i];
  for (std::size_t half = kLanes / 2; half > 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  }
  return lanes[0];
}

float sigma_of(int in, int out) {
  return std::max((static_cast<float>(in) / static_cast<float>(out) - 1.0F) / 2.0F, 0.0F);
}

// softmax of minus the squares of equally spaced places. Precondition: sigma is positive.
std::vector<float> gaussian(int size, float sigma, float end) {
  if (size == 1) return {1.0F};
  const float step = (end - -end) / static_cast<float>(size - 1);
  std::vector<float> weights;
  for (int i = 0; i < size; ++i) {
    // counted from the nearer end
    const float place = i < size / 2
                            ? fused_multiply_add(step, static_cast<float>(i), -end)
                            : fused_multiply_add(-step, static_cast<float>(size - 1 - i), end);
    const float share = place / sigma;
    weights.push_back(-(share * share));
  }
  const float most = *std::max_element(weights.begin(), weights.end());
  for (float& weight : weights) weight = exponential(weight - most);
  const float inverse = 1.0F / sum_of(weights);
  for (float& weight : weights) weight *= inverse;
  return weights;
}

// The products of weights across and down.
GaussianWindow window_of(const std::vector<float>& across, const std::vector<float>& down) {
  GaussianWindow window{{}, static_cast<int>(across.size()), static_cast<int>(down.size())};
  for (const float low : down) {
    for (const float weight : across) window.weights.push_back(low * weight);
  }
  return window;
}

// Owlv2 gives torchvision sizes as tensors, which are divided as float32.
std::vector<float> shrinking_gaussian(float sigma) {
  const int size = 2 * static_cast<int>(std::ceil(3.0F * sigma)) + 1;
  return gaussian(size, sigma,
                  static_cast<float>(size - 1) / static_cast<float>(2.0 * std::sqrt(2.0)));
}

}  // namespace

GaussianWindow gaussian_window(int width, int height, double sigma_x, double sigma_y) {
  const auto of_axis = [](int size, double sigma) {
    return gaussian(size, static_cast<float>(sigma),
                    static_cast<float>((size - 1) / (2.0 * std::sqrt(2.0))));
  };
  return window_of(of_axis(width, sigma_x), of_axis(height, sigma_y));
}

// The height decides how the filter is across, and the width how it is down, as there: torchvision
// takes both in the other order. Owlv2's images are squares, but what they become need not be.
std::optional<GaussianWindow> shrinking_window(int width, int height, int to_width, int to_height) {
  const float sigma_across = sigma_of(height, to_height);
  const float sigma_down = sigma_of(width, to_width);
  if (sigma_across == 0.0F || sigma_down == 0.0F) return std::nullopt;
  return window_of(shrinking_gaussian(sigma_across), shrinking_gaussian(sigma_down));
}

}  // namespace pixtok::transform
