#pragma once

#include <vector>

#include "kernels/resize/contract.h"
#include "transform/filter.h"

namespace pixtok::transform {

// One axis of a resize: `in` source positions to `out` output positions, of which those in
// [begin, end) are wanted.
struct AxisResize {
  int in = 0;
  int out = 0;
  int begin = 0;
  int end = 0;
  Filter filter = Filter::kBilinear;

  bool operator==(const AxisResize& other) const {
    return in == other.in && out == other.out && begin == other.begin && end == other.end &&
           filter == other.filter;
  }
  bool operator!=(const AxisResize& other) const { return !(*this == other); }
};

// kTrue: windows as the filter has them. kInside: windows of `stride` positions are moved (with
// zero weights in front) so that they lie inside the source where it is long enough.
enum class Windows { kTrue, kInside };

// Taps as Pillow computes them (its precompute_coeffs and normalize_coeffs_8bpc): weights in
// double, divided by their sum, then 22-bit fixed point rounded half away from zero. The vectors of
// `taps` are reused. `weights` is scratch. Throws std::bad_alloc. Precondition: filter is not
// kNearest, 0 <= begin < end <= out, in > 0.
void build_axis_taps(const AxisResize& resize, Windows windows, std::vector<double>& weights,
                     kernels::AxisTaps& taps);

}  // namespace pixtok::transform
