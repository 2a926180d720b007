#include <cstdlib>

#include "kernels/unfilter/unfilter_kernels.h"

namespace pixtok::kernels {

namespace {

// PNG specification, 9.4. Of equal distances the first of left, above and corner has it.
int paeth_predictor(int left, int above, int corner) {
  const int estimate = left + above - corner;
  const int from_left = std::abs(estimate - left);
  const int from_above = std::abs(estimate - above);
  const int from_corner = std::abs(estimate - corner);
  if (from_left <= from_above && from_left <= from_corner) return left;
  return from_above <= from_corner ? above : corner;
}

// PNG specification, 9.2: what the filter has taken away from a byte.
int predictor(std::uint8_t filter, int left, int above, int corner) {
  switch (filter) {
    case kSub:
      return left;
    case kUp:
      return above;
    case kAverage:
      return (left + above) / 2;
    case kPaeth:
      return paeth_predictor(left, above, corner);
    default:
      return 0;
  }
}

void unfilter(const FilteredRows& rows) {
  const std::uint8_t* from = rows.filtered;
  std::uint8_t* row = rows.target;
  for (std::size_t y = 0; y < rows.rows; ++y, row += rows.row_bytes) {
    const std::uint8_t filter = *from++;
    for (std::size_t i = 0; i < rows.row_bytes; ++i) {
      // Beyond the upper and the left edge everything is 0.
      const bool has_left = i >= rows.step;
      const std::uint8_t* above = y > 0 ? row - rows.row_bytes : nullptr;
      const int left = has_left ? row[i - rows.step] : 0;
      const int over = above != nullptr ? above[i] : 0;
      const int corner = has_left && above != nullptr ? above[i - rows.step] : 0;
      row[i] = static_cast<std::uint8_t>(*from++ + predictor(filter, left, over, corner));
    }
  }
}

}  // namespace

const UnfilterKernels kScalarUnfilter = {unfilter};

}  // namespace pixtok::kernels
