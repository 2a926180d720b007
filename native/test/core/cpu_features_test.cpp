#include "core/cpu_features.h"

#include <cstdint>
#include <initializer_list>

#include "test/check.h"

namespace {

using pixtok::core::CpuAnswers;
using pixtok::core::CpuFeatures;

// Bits as Intel's manual numbers them (volume 2A, CPUID; volume 1, chapter 13).
TEST("each set of instructions needs all of its bits, and those of the sets below it") {
  constexpr CpuAnswers kAll{~0U, ~0U, ~0U, ~0U};
  const CpuFeatures all = pixtok::core::features_of(kAll);
  CHECK(all.avx2 && all.avx512 && all.avx512_vnni);
  const auto bits = [](std::initializer_list<int> numbers) {
    std::uint32_t value = 0;
    for (const int number : numbers) value |= std::uint32_t{1} << number;
    return value;
  };
  const CpuAnswers avx2{bits({12, 27, 28, 29}), bits({5}), 0, bits({1, 2})};
  const CpuAnswers avx512{avx2.leaf1_ecx, bits({5, 16, 17, 30, 31}), 0, bits({1, 2, 5, 6, 7})};
  const CpuAnswers vnni{avx512.leaf1_ecx, avx512.leaf7_ebx, bits({1, 11}), avx512.saved_registers};
  CHECK(pixtok::core::features_of(avx2).avx2 && !pixtok::core::features_of(avx2).avx512);
  CHECK(pixtok::core::features_of(avx512).avx512 && !pixtok::core::features_of(avx512).avx512_vnni);
  CHECK(pixtok::core::features_of(vnni).avx512_vnni);
  for (std::uint32_t CpuAnswers::* answer :
       {&CpuAnswers::leaf1_ecx, &CpuAnswers::leaf7_ebx, &CpuAnswers::leaf7_ecx,
        &CpuAnswers::saved_registers}) {
    for (int number = 0; number < 32; ++number) {
      CpuAnswers without = kAll;
      without.*answer &= ~bits({number});
      const CpuFeatures features = pixtok::core::features_of(without);
      CHECK(features.avx2 == ((avx2.*answer & bits({number})) == 0));
      CHECK(features.avx512 == ((avx512.*answer & bits({number})) == 0));
      CHECK(features.avx512_vnni == ((vnni.*answer & bits({number})) == 0));
    }
  }
}

}  // namespace

// GCC's library knows as well; clang's does not know of F16C.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)

namespace {

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
