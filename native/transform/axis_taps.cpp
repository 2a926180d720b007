#include "transform/axis_taps.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace pixtok::transform {

namespace {

struct Window {
  double center;
  int first;
  int count;
};

class WindowRule {
 public:
  explicit WindowRule(const AxisResize& resize)
      : in_(resize.in),
        scale_(static_cast<double>(static_cast<float>(resize.in)) / resize.out),
        filter_scale_(std::max(scale_, 1.0)),
        reach_(filter_support(resize.filter) * filter_scale_) {}

  Window at(int position) const {
    const double center = (position + 0.5) * scale_;
    const int first = std::max(0, static_cast<int>(center - reach_ + 0.5));
    const int last = std::min(in_, static_cast<int>(center + reach_ + 0.5));
    return {center, first, last - first};
  }

  double inverse_filter_scale() const { return 1.0 / filter_scale_; }

 private:
  int in_;
  double scale_;
  double filter_scale_;
  double reach_;
};

std::int32_t to_fixed_point(double weight) {
  constexpr double one = 1 << kernels::kPrecisionBits;
  return static_cast<std::int32_t>(weight < 0 ? weight * one - 0.5 : weight * one + 0.5);
}

void split_into_pairs(kernels::AxisTaps& taps) {
  const std::size_t pairs = taps.weights.size() / 2;
  taps.high_pairs.resize(pairs);
  taps.low_pairs.resize(pairs);
  constexpr std::int32_t low_mask = (1 << kernels::kLowBits) - 1;
  const auto pair = [](std::int32_t even, std::int32_t odd) {
    return static_cast<std::int32_t>((static_cast<std::uint32_t>(odd) << 16) |
                                     (static_cast<std::uint32_t>(even) & 0xFFFFU));
  };
  for (std::size_t k = 0; k < pairs; ++k) {
    const std::int32_t even = taps.weights[2 * k];
    const std::int32_t odd = taps.weights[2 * k + 1];
    taps.high_pairs[k] = pair(even >> kernels::kLowBits, odd >> kernels::kLowBits);
    taps.low_pairs[k] = pair(even & low_mask, odd & low_mask);
  }
}

}  // namespace

void build_axis_taps(const AxisResize& resize, Windows windows, std::vector<double>& weights,
                     kernels::AxisTaps& taps) {
  const WindowRule rule(resize);
  const int size = resize.end - resize.begin;
  taps.size = size;
  taps.first.resize(size);
  taps.count.resize(size);
  int most = 1;
  for (int i = 0; i < size; ++i) {
    const Window window = rule.at(resize.begin + i);
    taps.first[i] = window.first;
    taps.count[i] = window.count;
    most = std::max(most, window.count);
  }
  taps.stride = most + most % 2;
  taps.weights.assign(static_cast<std::size_t>(size) * taps.stride, 0);
  weights.resize(taps.stride);
  for (int i = 0; i < size; ++i) {
    const Window window = rule.at(resize.begin + i);
    double sum = 0.0;
    for (int k = 0; k < window.count; ++k) {
      weights[k] = filter_weight(
          resize.filter, (k + window.first - window.center + 0.5) * rule.inverse_filter_scale());
      sum += weights[k];
    }
    int lead = 0;
    if (windows == Windows::kInside && window.first + taps.stride > resize.in) {
      lead = window.first - std::max(0, resize.in - taps.stride);
      taps.first[i] -= lead;
      taps.count[i] += lead;
    }
    std::int32_t* fixed = &taps.weights[static_cast<std::size_t>(i) * taps.stride + lead];
    for (int k = 0; k < window.count; ++k) {
      fixed[k] = to_fixed_point(sum != 0.0 ? weights[k] / sum : weights[k]);
    }
  }
  split_into_pairs(taps);
}

}  // namespace pixtok::transform
