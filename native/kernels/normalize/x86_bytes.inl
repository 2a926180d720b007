// Included in a target region after the instruction set's vectors: the store of bytes into a batch.

#include "kernels/x86_interleaved.inl"

void store_uint8_hwc(const std::uint8_t* const* planes, int width, const Normalizer& normalizer,
                     void* target, std::size_t plane) {
  if (width < kVectorBytes) {
    return scalar::store_uint8_hwc(planes, width, normalizer, target, plane);
  }
  for (int x = 0; x < width; x += kVectorBytes) {
    if (x + kVectorBytes > width) x = width - kVectorBytes;
    store_interleaved(static_cast<std::uint8_t*>(target) + kPixelBytes * x,
                      {{load(planes[0] + x), load(planes[1] + x), load(planes[2] + x)}});
  }
}
