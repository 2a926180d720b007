#include "kernels/kernel_table.h"

#include <atomic>

#include "core/cpu_features.h"
#include "kernels/normalize/avx2.h"
#include "kernels/normalize/scalar.h"
#include "kernels/resize/avx2.h"
#include "kernels/resize/scalar.h"

namespace pixtok::kernels {

namespace {

constexpr KernelTable kScalar = {
    "scalar",
    scalar::resample_rows,
    scalar::resample_columns,
    {{scalar::store_float32_chw, scalar::store_float32_hwc},
     {scalar::store_float16_chw, scalar::store_float16_hwc},
     {scalar::store_uint8_chw, scalar::store_uint8_hwc}},
    scalar::arithmetic_matches,
};

#if defined(__x86_64__)
constexpr KernelTable kAvx2 = {
    "avx2",
    avx2::resample_rows,
    avx2::resample_columns,
    {{avx2::store_float32_chw, scalar::store_float32_hwc},
     {scalar::store_float16_chw, scalar::store_float16_hwc},
     {scalar::store_uint8_chw, scalar::store_uint8_hwc}},
    avx2::arithmetic_matches,
};
#endif

const char* const kKnownNames[] = {"scalar", "avx2", "avx512", "neon"};

std::atomic<const KernelTable*> table_in_use{nullptr};

}  // namespace

std::vector<const KernelTable*> supported_tables() {
  std::vector<const KernelTable*> tables = {&kScalar};
#if defined(__x86_64__)
  if (core::detect_cpu_features().avx2_fma) tables.push_back(&kAvx2);
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

const KernelTable& chosen() { return *table_in_use.load(); }

}  // namespace pixtok::kernels
