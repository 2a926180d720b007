#include "transform/axis_taps.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "kernels/resize/resize_kernels.h"

namespace pixtok::transform {

namespace {

struct TapRange {
  double center;
  int first;
  int count;
};

// Source positions an output position. The difference is taken in float, as Pillow does.
double step_of(const AxisResize& resize) {
  return static_cast<double>(resize.box_end - resize.box_start) / resize.out;
}

int output_position(const AxisResize& resize, int i) {
  return resize.reversed ? resize.end - 1 - i : resize.begin + i;
}

class TapRangeRule {
 public:
  TapRangeRule(const AxisResize& resize, Filter filter)
      : in_(resize.in),
        start_(static_cast<double>(resize.box_start)),
        scale_(step_of(resize)),
        filter_scale_(std::max(scale_, 1.0)),
        reach_(filter_support(filter) * filter_scale_) {}

  TapRange at(int position) const {
    const double center = start_ + (position + 0.5) * scale_;
    const int first = std::max(0, static_cast<int>(center - reach_ + 0.5));
    const int last = std::min(in_, static_cast<int>(center + reach_ + 0.5));
    return {center, first, last - first};
  }

  double inverse_filter_scale() const { return 1.0 / filter_scale_; }

 private:
  int in_;
  double start_;
  double scale_;
  double filter_scale_;
  double reach_;
};

std::int32_t to_fixed_point(double weight, int precision) {
  const double one = 1 << precision;
  return static_cast<std::int32_t>(weight < 0 ? weight * one - 0.5 : weight * one + 0.5);
}

// Weights of a range, in double; their sum is one.
void weigh(const TapRangeRule& rule, Filter filter, const TapRange& range, double* weights) {
  double sum = 0.0;
  for (int k = 0; k < range.count; ++k) {
    weights[k] =
        filter_weight(filter, (k + range.first - range.center + 0.5) * rule.inverse_filter_scale());
    sum += weights[k];
  }
  if (sum == 0.0) return;
  for (int k = 0; k < range.count; ++k) weights[k] /= sum;
}

// Fraction bits of torch's weights: as many as leave the largest in 16 bits.
int short_precision(double largest) {
  int precision = 0;
  while (precision < kernels::kPrecisionBits) {
    const double next = 0.5 + largest * static_cast<double>(1 << (precision + 1));
    if (static_cast<int>(next) >= 1 << 15) break;
    ++precision;
  }
  return precision;
}

// The largest weight of all positions, also of those that are not wanted.
double largest_weight(const AxisResize& resize, const TapRangeRule& rule, Filter filter,
                      const std::vector<double>& wanted) {
  double largest = *std::max_element(wanted.begin(), wanted.end());
  std::vector<double> others;
  for (int position = 0; position < resize.out; ++position) {
    if (position >= resize.begin && position < resize.end) continue;
    const TapRange range = rule.at(position);
    others.resize(range.count);
    weigh(rule, filter, range, others.data());
    for (const double weight : others) largest = std::max(largest, weight);
  }
  return largest;
}

}  // namespace

void build_axis_taps(const AxisResize& resize, Filter filter, Resampler resampler,
                     std::vector<double>& weights, kernels::AxisTaps& taps) {
  const TapRangeRule rule(resize, filter);
  const int size = resize.wanted();
  taps.size = size;
  taps.first.resize(size);
  taps.count.resize(size);
  taps.taps = 1;
  taps.source_begin = resize.in;
  taps.source_end = 0;
  for (int i = 0; i < size; ++i) {
    const TapRange range = rule.at(output_position(resize, i));
    taps.first[i] = range.first;
    taps.count[i] = range.count;
    taps.taps = std::max(taps.taps, range.count);
    taps.source_begin = std::min(taps.source_begin, range.first);
    taps.source_end = std::max(taps.source_end, range.first + range.count);
  }
  taps.source_begin -= taps.source_begin % 2;
  weights.assign(static_cast<std::size_t>(size) * taps.taps, 0.0);
  for (int i = 0; i < size; ++i) {
    const TapRange range = rule.at(output_position(resize, i));
    weigh(rule, filter, range, &weights[static_cast<std::size_t>(i) * taps.taps]);
    taps.first[i] -= taps.source_begin;
  }
  taps.precision = resampler == Resampler::kTorch
                       ? short_precision(largest_weight(resize, rule, filter, weights))
                       : kernels::kPrecisionBits;
  taps.weights.resize(weights.size());
  std::transform(weights.begin(), weights.end(), taps.weights.begin(),
                 [&taps](double weight) { return to_fixed_point(weight, taps.precision); });
}

void nearest_positions(const AxisResize& resize, Resampler resampler, bool is_small,
                       std::vector<int>& positions) {
  positions.resize(resize.wanted());
  if (resampler == Resampler::kTorch) {
    const auto scale =
        static_cast<double>(static_cast<float>(resize.in) / static_cast<float>(resize.out));
    for (int i = 0; i < resize.wanted(); ++i) {
      const double middle = (output_position(resize, i) + 0.5) * scale;
      const double place = is_small ? middle : static_cast<float>(middle - 0.5) + 0.5;
      const auto position = static_cast<float>(place);
      positions[i] = std::min(resize.in - 1, static_cast<int>(position));
    }
    return;
  }
  const double step = step_of(resize);
  double position = static_cast<double>(resize.box_start) + step * 0.5;
  for (int i = 0; i < resize.end; ++i, position += step) {
    if (i < resize.begin) continue;
    const int at = resize.reversed ? resize.end - 1 - i : i - resize.begin;
    positions[at] = std::min(resize.in - 1, static_cast<int>(position));
  }
}

}  // namespace pixtok::transform
