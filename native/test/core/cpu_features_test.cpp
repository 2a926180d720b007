#include "core/cpu_features.h"

#include "test/check.h"

// GCC's library knows as well; clang's does not know of F16C.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)

namespace {

using pixtok::core::CpuFeatures;

TEST("CPU features are those that the compiler's library finds") {
  __builtin_cpu_init();
  const CpuFeatures features = pixtok::core::detect_cpu_features();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("f16c");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl");
  const bool avx512_vnni =
      avx512 && __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vnni");
  CHECK(features.avx2 == avx2);
  CHECK(features.avx512 == avx512);
  CHECK(features.avx512_vnni == avx512_vnni);
}

}  // namespace

#endif
