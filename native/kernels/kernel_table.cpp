#include "kernels/kernel_table.h"

#include <atomic>

#include "core/cpu_features.h"
#include "kernels/colour/avx2.h"
#include "kernels/colour/avx512.h"
#include "kernels/colour/neon.h"
#include "kernels/colour/scalar.h"
#include "kernels/normalize/avx2.h"
#include "kernels/normalize/avx512.h"
#include "kernels/normalize/neon.h"
#include "kernels/normalize/scalar.h"
#include "kernels/resize/avx2.h"
#include "kernels/resize/avx512.h"
#include "kernels/resize/avx512vnni.h"
#include "kernels/resize/neon.h"
#include "kernels/resize/scalar.h"

namespace pixtok::kernels {

namespace {

constexpr KernelTable kScalar = {
    "scalar",
    scalar::split_rgb,
    scalar::ycc_to_rgb,
    scalar::upsample_across,
    scalar::upsample_both,
    scalar::upsample_down,
    scalar::pack_taps,
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
    avx2::split_rgb,
    avx2::ycc_to_rgb,
    avx2::upsample_across,
    avx2::upsample_both,
    avx2::upsample_down,
    avx2::pack_taps,
    avx2::resample_rows,
    avx2::resample_columns,
    {{avx2::store_float32_chw, avx2::store_float32_hwc},
     {avx2::store_float16_chw, avx2::store_float16_hwc},
     {scalar::store_uint8_chw, avx2::store_uint8_hwc}},
    avx2::arithmetic_matches,
};

constexpr KernelTable kAvx512 = {
    "avx512",
    avx512::split_rgb,
    avx512::ycc_to_rgb,
    avx512::upsample_across,
    avx512::upsample_both,
    avx512::upsample_down,
    avx512::pack_taps,
    avx512::resample_rows,
    avx512::resample_columns,
    {{avx512::store_float32_chw, avx512::store_float32_hwc},
     {avx512::store_float16_chw, avx512::store_float16_hwc},
     {scalar::store_uint8_chw, avx512::store_uint8_hwc}},
    avx512::arithmetic_matches,
};

constexpr KernelTable kAvx512Vnni = {
    "avx512vnni",
    avx512::split_rgb,
    avx512::ycc_to_rgb,
    avx512::upsample_across,
    avx512::upsample_both,
    avx512::upsample_down,
    avx512vnni::pack_taps,
    avx512vnni::resample_rows,
    avx512vnni::resample_columns,
    {{avx512::store_float32_chw, avx512::store_float32_hwc},
     {avx512::store_float16_chw, avx512::store_float16_hwc},
     {scalar::store_uint8_chw, avx512::store_uint8_hwc}},
    avx512::arithmetic_matches,
};
#endif

#if defined(__aarch64__)
constexpr KernelTable kNeon = {
    "neon",
    neon::split_rgb,
    neon::ycc_to_rgb,
    neon::upsample_across,
    neon::upsample_both,
    neon::upsample_down,
    neon::pack_taps,
    neon::resample_rows,
    neon::resample_columns,
    {{neon::store_float32_chw, neon::store_float32_hwc},
     {neon::store_float16_chw, neon::store_float16_hwc},
     {scalar::store_uint8_chw, neon::store_uint8_hwc}},
    neon::arithmetic_matches,
};
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

const KernelTable& chosen() { return *table_in_use.load(); }

}  // namespace pixtok::kernels
