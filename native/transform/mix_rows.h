#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/random_stream.h"
#include "kernels/normalize/normalize_kernels.h"
#include "transform/region.h"

namespace pixtok::transform {

// torchvision's MixUp and CutMix, of each row by itself; of both, one as often as the other.
struct RandomMix {
  std::optional<double> mix_up;   // alpha
  std::optional<double> cut_mix;  // alpha
};

// How much of a row is its own; the rest is of the row before it, and of the first, the last.
struct MixedRow {
  double share = 1.0;
  bool is_cut = false;
  PixelRect part;  // where it is cut: what is of the other row
};

// What is drawn for a row of this size.
MixedRow draw_mix(const RandomMix& options, const core::RandomKey& key, int width, int height);

// Images of float32, one after the other.
struct FloatRows {
  float* values;
  int width;
  int height;
  kernels::Layout layout;

  std::size_t row_values() const {
    return 3 * static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  }
};

// Mixes all rows, as torchvision does it to float32 tensors. Throws std::bad_alloc. Precondition:
// parts are inside of the images; there is a row.
void mix_rows(const FloatRows& rows, const std::vector<MixedRow>& mixes);

}  // namespace pixtok::transform
