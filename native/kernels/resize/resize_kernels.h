#pragma once

#include <cstdint>

#include "core/aligned_buffer.h"
#include "kernels/resize/packed_taps.h"

namespace pixtok::kernels {

// Sums start at one half, are shifted right arithmetically by the weights' precision and clipped to
// a byte. Pillow's weights have this precision; torch's have 16 bits, and another one for each
// axis.
inline constexpr int kPrecisionBits = 22;

// Both passes work on rows of bytes that know nothing of channels: a row of an image is three of
// them. Rows that are read are readable for core::kTailPadding bytes past their end; rows that are
// written are writable up to the next multiple of core::kAlignment past theirs.

// Brings the taps into the order in which resample_rows reads them, in taps.packed. Called once for
// taps that are used for many rows. Throws std::bad_alloc.
using PackTaps = void (*)(AxisTaps& taps);

// Horizontal pass: each of `rows` rows to taps.size bytes, each the weighted sum of the source
// bytes from taps.first[i] on. Precondition: the taps have been packed by the same table.
using ResampleRows = void (*)(const std::uint8_t* const* sources, std::uint8_t* const* targets,
                              int rows, const AxisTaps& taps);

// Vertical pass: one row of `bytes` bytes as the weighted sum of `count` rows, count >= 1.
struct WeightedRows {
  const std::uint8_t* const* rows;
  const std::int32_t* weights;
  int count;
  int precision;
};
using ResampleColumns = void (*)(const WeightedRows& source, std::uint8_t* target, int bytes);

struct ResizeKernels {
  PackTaps pack_taps;
  ResampleRows resample_rows;
  ResampleColumns resample_columns;
};

// For weights of kPrecisionBits; the scalar ones for any.
extern const ResizeKernels kScalarResize;
extern const ResizeKernels kAvx2Resize;
extern const ResizeKernels kAvx512Resize;
extern const ResizeKernels kAvx512VnniResize;
extern const ResizeKernels kNeonResize;

// For weights of 16 bits.
extern const ResizeKernels kAvx2ShortResize;
extern const ResizeKernels kAvx512ShortResize;
extern const ResizeKernels kNeonShortResize;

}  // namespace pixtok::kernels
