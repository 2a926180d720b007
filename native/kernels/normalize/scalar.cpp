#include "kernels/normalize/scalar.h"

#include <cstring>

namespace pixtok::kernels::scalar {

namespace {

template <typename Element>
void look_up_chw(const std::uint8_t* pixels, int width, const Element (*table)[256], void* target,
                 std::size_t plane) {
  for (int channel = 0; channel < 3; ++channel) {
    Element* row = static_cast<Element*>(target) + channel * plane;
    for (int x = 0; x < width; ++x) row[x] = table[channel][pixels[3 * x + channel]];
  }
}

template <typename Element>
void look_up_hwc(const std::uint8_t* pixels, int width, const Element (*table)[256], void* target) {
  Element* row = static_cast<Element*>(target);
  for (int x = 0; x < 3 * width; x += 3) {
    for (int channel = 0; channel < 3; ++channel) {
      row[x + channel] = table[channel][pixels[x + channel]];
    }
  }
}

}  // namespace

void store_float32_chw(const std::uint8_t* pixels, int width, const Normalizer& normalizer,
                       void* target, std::size_t plane) {
  look_up_chw(pixels, width, normalizer.table, target, plane);
}

void store_float32_hwc(const std::uint8_t* pixels, int width, const Normalizer& normalizer,
                       void* target, std::size_t) {
  look_up_hwc(pixels, width, normalizer.table, target);
}

void store_float16_chw(const std::uint8_t* pixels, int width, const Normalizer& normalizer,
                       void* target, std::size_t plane) {
  look_up_chw(pixels, width, normalizer.half_table, target, plane);
}

void store_float16_hwc(const std::uint8_t* pixels, int width, const Normalizer& normalizer,
                       void* target, std::size_t) {
  look_up_hwc(pixels, width, normalizer.half_table, target);
}

void store_uint8_chw(const std::uint8_t* pixels, int width, const Normalizer&, void* target,
                     std::size_t plane) {
  for (int channel = 0; channel < 3; ++channel) {
    std::uint8_t* row = static_cast<std::uint8_t*>(target) + channel * plane;
    for (int x = 0; x < width; ++x) row[x] = pixels[3 * x + channel];
  }
}

void store_uint8_hwc(const std::uint8_t* pixels, int width, const Normalizer&, void* target,
                     std::size_t) {
  std::memcpy(target, pixels, 3 * static_cast<std::size_t>(width));
}

bool arithmetic_matches(const Normalizer&) { return false; }

}  // namespace pixtok::kernels::scalar
