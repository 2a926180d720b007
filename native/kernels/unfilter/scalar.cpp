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

// PNG specification, 9.2: adds what the filter has taken away. Beyond the upper and the left edge
// everything is 0; without a row above, `above` is null.
template <typename Predictor>
void undo_row(const std::uint8_t* from, const std::uint8_t* above, const FilteredRows& rows,
              std::uint8_t* row, Predictor predictor) {
  for (std::size_t i = 0; i < rows.row_bytes; ++i) {
    const bool has_left = i >= rows.step;
    const int left = has_left ? row[i - rows.step] : 0;
    const int over = above != nullptr ? above[i] : 0;
    const int corner = has_left && above != nullptr ? above[i - rows.step] : 0;
    row[i] = static_cast<std::uint8_t>(from[i] + predictor(left, over, corner));
  }
}

void unfilter(const FilteredRows& rows) {
  const std::uint8_t* from = rows.filtered;
  const std::uint8_t* above = nullptr;
  std::uint8_t* row = rows.target;
  for (std::size_t y = 0; y < rows.rows; ++y) {
    const std::uint8_t filter = *from++;
    const auto undo = [&](auto predictor) { undo_row(from, above, rows, row, predictor); };
    switch (filter) {
      case kSub:
        undo([](int left, int, int) { return left; });
        break;
      case kUp:
        undo([](int, int over, int) { return over; });
        break;
      case kAverage:
        undo([](int left, int over, int) { return (left + over) / 2; });
        break;
      case kPaeth:
        undo(paeth_predictor);
        break;
      default:
        undo([](int, int, int) { return 0; });
        break;
    }
    from += rows.row_bytes;
    above = row;
    row += rows.row_bytes;
  }
}

}  // namespace

const UnfilterKernels kScalarUnfilter = {unfilter};

}  // namespace pixtok::kernels
