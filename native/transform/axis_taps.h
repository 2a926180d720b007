#pragma once

#include <vector>

#include "kernels/resize/packed_taps.h"
#include "transform/filter.h"
#include "transform/resampler.h"

namespace pixtok::transform {

// One axis of a resize: the part [box_start, box_end) of `in` source positions to `out` output
// positions, of which those in [begin, end) are wanted, from the last to the first if `reversed`.
struct AxisResize {
  int in = 0;
  int out = 0;
  int begin = 0;
  int end = 0;
  float box_start = 0.0F;
  float box_end = 0.0F;
  bool reversed = false;

  static AxisResize whole(int in, int out) {
    return {in, out, 0, out, 0.0F, static_cast<float>(in), false};
  }

  int wanted() const { return end - begin; }

  // Nothing to compute: each output position is a source position.
  bool is_identity() const {
    return in == out && box_start == 0.0F && box_end == static_cast<float>(in);
  }

  bool operator==(const AxisResize& other) const {
    return in == other.in && out == other.out && begin == other.begin && end == other.end &&
           box_start == other.box_start && box_end == other.box_end && reversed == other.reversed;
  }
  bool operator!=(const AxisResize& other) const { return !(*this == other); }
};

// Taps as Pillow computes them (its precompute_coeffs and normalize_coeffs_8bpc): weights in
// double, divided by their sum, then fixed point rounded half away from zero. Pillow's have 22
// fraction bits; torch's have as many, up to 22, as the largest weight of the whole axis, whatever
// part of it is wanted, leaves in 16 bits (its compute_index_ranges_int16_weights). The vectors of
// `taps` are reused. `weights` is scratch. Throws std::bad_alloc. Precondition: filter is not
// kNearest, 0 <= begin < end <= out, 0 <= box_start < box_end <= in.
void build_axis_taps(const AxisResize& resize, Filter filter, Resampler resampler,
                     std::vector<double>& weights, kernels::AxisTaps& taps);

// The source position of every wanted output position. Pillow's ImagingScaleAffine adds the step
// up, and so its rounding errors; torch multiplies in float (its nearest-exact), in one of two
// ways. `is_small`: is_small_to_torch() of both axes.
void nearest_positions(const AxisResize& resize, Resampler resampler, bool is_small,
                       std::vector<int>& positions);

}  // namespace pixtok::transform
