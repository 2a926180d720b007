#include <cstring>

#include "core/aligned_buffer.h"
#include "kernels/normalize/normalize_kernels.h"

namespace pixtok::kernels {

namespace {

template <typename Element>
void look_up_chw(const std::uint8_t* const* planes, int width, const Element (*table)[256],
                 void* target, std::size_t plane) {
  for (int channel = 0; channel < 3; ++channel) {
    Element* row = static_cast<Element*>(target) + channel * plane;
    for (int x = 0; x < width; ++x) row[x] = table[channel][planes[channel][x]];
  }
}

template <typename Element>
void look_up_hwc(const std::uint8_t* const* planes, int width, const Element (*table)[256],
                 void* target) {
  Element* row = static_cast<Element*>(target);
  for (int x = 0; x < width; ++x) {
    for (int channel = 0; channel < 3; ++channel) *row++ = table[channel][planes[channel][x]];
  }
}

void store_float32_chw(const std::uint8_t* const* planes, int width, const Normalizer& normalizer,
                       void* target, std::size_t plane) {
  look_up_chw(planes, width, normalizer.table, target, plane);
}

void store_float32_hwc(const std::uint8_t* const* planes, int width, const Normalizer& normalizer,
                       void* target, std::size_t) {
  look_up_hwc(planes, width, normalizer.table, target);
}

void store_float16_chw(const std::uint8_t* const* planes, int width, const Normalizer& normalizer,
                       void* target, std::size_t plane) {
  look_up_chw(planes, width, normalizer.half_table, target, plane);
}

void store_float16_hwc(const std::uint8_t* const* planes, int width, const Normalizer& normalizer,
                       void* target, std::size_t) {
  look_up_hwc(planes, width, normalizer.half_table, target);
}

void store_uint8_chw(const std::uint8_t* const* planes, int width, const Normalizer&, void* target,
                     std::size_t plane) {
  for (int channel = 0; channel < 3; ++channel) {
    std::memcpy(static_cast<std::uint8_t*>(target) + channel * plane, planes[channel],
                static_cast<std::size_t>(width));
  }
}

void store_uint8_hwc(const std::uint8_t* const* planes, int width, const Normalizer&, void* target,
                     std::size_t) {
  std::uint8_t* row = static_cast<std::uint8_t*>(target);
  for (int x = 0; x < width; ++x) {
    for (int channel = 0; channel < 3; ++channel) *row++ = planes[channel][x];
  }
}

void store_float32_cell(const std::uint8_t* rows, std::size_t stride, int width, int height,
                        const Normalizer& normalizer, int channel, float* target) {
  const float* table = normalizer.table[channel];
  for (int y = 0; y < height; ++y, rows += stride) {
    for (int x = 0; x < width; ++x) *target++ = table[rows[x]];
  }
}

void store_lines(const std::uint8_t* from, std::size_t lines, std::uint8_t* to) {
  std::memcpy(to, from, lines * core::kAlignment);
}

// The table is all there is.
bool arithmetic_matches(const Normalizer&) { return false; }

}  // namespace

const NormalizeKernels kScalarNormalize = {
    {{store_float32_chw, store_float32_hwc},
     {store_float16_chw, store_float16_hwc},
     {store_uint8_chw, store_uint8_hwc}},
    store_float32_cell,
    store_lines,
    arithmetic_matches,
};

}  // namespace pixtok::kernels
