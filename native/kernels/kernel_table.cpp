#include "kernels/kernel_table.h"

#include <atomic>

#include "core/cpu_features.h"

namespace pixtok::kernels {

namespace {

constexpr KernelTable kScalar = {"scalar",         kScalarIdct,       kScalarUnfilter,
                                 kScalarColour,    kScalarResize,     kScalarResize,
                                 kScalarNormalize, kScalarFloatResize};
#if defined(__x86_64__)
constexpr KernelTable kAvx2 = {"avx2",      kAvx2Idct,        kAvx2Unfilter,  kAvx2Colour,
                               kAvx2Resize, kAvx2ShortResize, kAvx2Normalize, kAvx2FloatResize};
constexpr KernelTable kAvx512 = {"avx512",         kAvx512Idct,     kAvx2Unfilter,
                                 kAvx512Colour,    kAvx512Resize,   kAvx512ShortResize,
                                 kAvx512Normalize, kAvx2FloatResize};
constexpr KernelTable kAvx512Vnni = {"avx512vnni",     kAvx512Idct,       kAvx2Unfilter,
                                     kAvx512Colour,    kAvx512VnniResize, kAvx512ShortResize,
                                     kAvx512Normalize, kAvx2FloatResize};
#endif
#if defined(__aarch64__)
constexpr KernelTable kNeon = {"neon",      kNeonIdct,        kNeonUnfilter,  kNeonColour,
                               kNeonResize, kNeonShortResize, kNeonNormalize, kScalarFloatResize};
#endif

const char* const kKnownNames[] = {"scalar", "avx2", "avx512", "avx512vnni", "neon"};

std::atomic<const KernelTable*> table_in_use{nullptr};

}  // namespace

std::vector<const KernelTable*> supported_tables() {
  std::vector<const KernelTable*> tables = {&kScalar};
#if defined(__x86_64__)
  const core::CpuFeatures features = core::detect_cpu_features();
  if (features.avx2) tables.push_back(&kAvx2);
  if (features.avx512) tables.push_back(&kAvx512);
  if (features.avx512_vnni) tables.push_back(&kAvx512Vnni);
#endif
#if defined(__aarch64__)
  tables.push_back(&kNeon);
#endif
  return tables;
}

Choice choose(const std::string& name) {
  const std::vector<const KernelTable*> tables = supported_tables();
  const KernelTable* wanted = name.empty() ? tables.back() : nullptr;
  for (const KernelTable* table : tables) {
    if (name == table->name) wanted = table;
  }
  if (wanted == nullptr) {
    for (const char* known : kKnownNames) {
      if (name == known) return Choice::kUnsupportedByCpu;
    }
    return Choice::kUnknownName;
  }
  const KernelTable* expected = nullptr;
  if (table_in_use.compare_exchange_strong(expected, wanted)) return Choice::kChosen;
  return expected == wanted || name.empty() ? Choice::kChosen : Choice::kAlreadyOther;
}

const KernelTable& chosen() {
  if (table_in_use.load() == nullptr) (void)choose("");
  return *table_in_use.load();
}

}  // namespace pixtok::kernels
