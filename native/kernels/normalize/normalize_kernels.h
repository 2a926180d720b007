#pragma once

#include <cstddef>
#include <cstdint>

namespace pixtok::kernels {

// What each of the 256 bytes becomes in each channel. The table is the definition, built with the
// reference's own order of float operations (transform/normalizer.h); `arithmetic` says that
// ((byte / full_scale) - mean) / std, by the kernel's own instructions, gives the same 256 values.
struct Normalizer {
  float table[3][256];
  std::uint16_t half_table[3][256];  // IEEE binary16, rounded to nearest even
  float mean[3];
  float std[3];
  float full_scale = 255.0F;
  bool arithmetic = false;
};

// One row of `width` pixels, given as three planes, to its place in the output. For CHW `target` is
// the row's place in the first plane and `plane` the distance between planes in elements; for HWC
// `plane` is unused. Writes exactly the row's elements. Precondition: `planes` are readable for
// core::kTailPadding bytes past their end.
using StoreRow = void (*)(const std::uint8_t* const* planes, int width,
                          const Normalizer& normalizer, void* target, std::size_t plane);

// The rows of a cell of one plane to floats, one behind the other; they are `stride` bytes apart.
// Preconditions: `rows` are readable, and `target` writable, for core::kTailPadding bytes past
// their end.
using StoreCell = void (*)(const std::uint8_t* rows, std::size_t stride, int width, int height,
                           const Normalizer& normalizer, int channel, float* target);

// Whole cache lines to memory that is larger than the caches, around them where the processor can:
// they are not read before they are written, and displace nothing. Whoever hands the memory to
// another thread does so by an instruction with a lock prefix, which orders these stores as well.
// Precondition: both are aligned to core::kAlignment.
using StoreLines = void (*)(const std::uint8_t* from, std::size_t lines, std::uint8_t* to);

// Whether the kernel's arithmetic gives exactly normalizer.table.
using ArithmeticMatches = bool (*)(const Normalizer& normalizer);

enum class ElementType { kFloat32, kFloat16, kUint8 };
enum class Layout { kChw, kHwc };

struct NormalizeKernels {
  StoreRow store_row[3][2];  // by ElementType and Layout
  StoreCell store_cell;
  StoreLines store_lines;
  ArithmeticMatches arithmetic_matches;

  StoreRow store(ElementType type, Layout layout) const {
    return store_row[static_cast<int>(type)][static_cast<int>(layout)];
  }
};

extern const NormalizeKernels kScalarNormalize;
extern const NormalizeKernels kAvx2Normalize;
extern const NormalizeKernels kAvx512Normalize;
extern const NormalizeKernels kNeonNormalize;

}  // namespace pixtok::kernels
