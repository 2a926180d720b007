#pragma once

#include <cstddef>
#include <cstdint>

namespace pixtok::kernels {

// Filter types of rows (PNG specification, third edition, 9.2).
enum RowFilter : std::uint8_t { kNone = 0, kSub = 1, kUp = 2, kAverage = 3, kPaeth = 4 };
inline constexpr std::uint8_t kLastRowFilter = kPaeth;

// Rows of one image, or of one pass of an interlaced one, from top to bottom, each with its filter
// type in front.
struct FilteredRows {
  const std::uint8_t* filtered;
  std::size_t row_bytes;  // without the filter type
  std::size_t rows;
  std::size_t step;      // bytes of a whole pixel, rounded up to 1
  std::uint8_t* target;  // rows without gaps
};

// Undoes the filters.
//
// Preconditions: every filter type is one of RowFilter; row_bytes is a multiple of step, and not 0;
// core::kTailPadding bytes behind both ends are readable, and writable behind the target's; these
// do not overlap.
using Unfilter = void (*)(const FilteredRows& rows);

struct UnfilterKernels {
  Unfilter unfilter;
};

extern const UnfilterKernels kScalarUnfilter;
extern const UnfilterKernels kAvx2Unfilter;
extern const UnfilterKernels kNeonUnfilter;

}  // namespace pixtok::kernels
