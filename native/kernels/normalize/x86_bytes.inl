// Included in a target region after the instruction set's vectors: the stores of bytes, and of
// whole lines, into a batch.

#include "kernels/x86_interleaved.inl"

namespace {

// A copy of planes has nothing to gain from vectors.
void store_uint8_chw(const std::uint8_t* const* planes, int width, const Normalizer& normalizer,
                     void* target, std::size_t plane) {
  kScalarNormalize.store(ElementType::kUint8, Layout::kChw)(planes, width, normalizer, target,
                                                            plane);
}

void store_uint8_hwc(const std::uint8_t* const* planes, int width, const Normalizer& normalizer,
                     void* target, std::size_t plane) {
  if (width < kVectorBytes) {
    return kScalarNormalize.store(ElementType::kUint8, Layout::kHwc)(planes, width, normalizer,
                                                                     target, plane);
  }
  for (int x = 0; x < width; x += kVectorBytes) {
    if (x + kVectorBytes > width) x = width - kVectorBytes;
    store_interleaved(static_cast<std::uint8_t*>(target) + kPixelBytes * x,
                      {{load(planes[0] + x), load(planes[1] + x), load(planes[2] + x)}});
  }
}

void store_lines(const std::uint8_t* from, std::size_t lines, std::uint8_t* to) {
  const std::size_t bytes = lines * core::kAlignment;
  for (std::size_t at = 0; at < bytes; at += kVectorBytes) stream(to + at, load(from + at));
}

}  // namespace
