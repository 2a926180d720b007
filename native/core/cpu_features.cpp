#include "core/cpu_features.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace pixtok::core {

namespace {

constexpr bool has_all(std::uint32_t value, std::uint32_t bits) { return (value & bits) == bits; }

constexpr std::uint32_t bit(int number) { return std::uint32_t{1} << number; }

// Leaf 1, ecx.
constexpr std::uint32_t kFma = bit(12);
constexpr std::uint32_t kOsXsave = bit(27);
constexpr std::uint32_t kAvx = bit(28);
constexpr std::uint32_t kF16c = bit(29);
// Leaf 7, ebx.
constexpr std::uint32_t kAvx2 = bit(5);
constexpr std::uint32_t kAvx512F = bit(16);
constexpr std::uint32_t kAvx512Dq = bit(17);
constexpr std::uint32_t kAvx512Bw = bit(30);
constexpr std::uint32_t kAvx512Vl = bit(31);
// Leaf 7, ecx.
constexpr std::uint32_t kAvx512Vbmi = bit(1);
constexpr std::uint32_t kAvx512Vnni = bit(11);
// XCR0: XMM and YMM; and k, the upper halves of ZMM, ZMM from 16 on.
constexpr std::uint32_t kYmmSaved = bit(1) | bit(2);
constexpr std::uint32_t kZmmSaved = kYmmSaved | bit(5) | bit(6) | bit(7);

}  // namespace

CpuFeatures features_of(const CpuAnswers& answers) {
  CpuFeatures features;
  features.avx2 = has_all(answers.saved_registers, kYmmSaved) &&
                  has_all(answers.leaf1_ecx, kOsXsave | kAvx | kFma | kF16c) &&
                  has_all(answers.leaf7_ebx, kAvx2);
  // macOS says so only once a thread has used them: AVX2 serves the few such Macs.
  features.avx512 = features.avx2 && has_all(answers.saved_registers, kZmmSaved) &&
                    has_all(answers.leaf7_ebx, kAvx512F | kAvx512Dq | kAvx512Bw | kAvx512Vl);
  features.avx512_vnni = features.avx512 && has_all(answers.leaf7_ecx, kAvx512Vbmi | kAvx512Vnni);
  return features;
}

#if defined(__x86_64__)

// Asked of the CPU itself: with zig's compiler __builtin_cpu_supports links, and answers no to
// everything.
namespace {

struct Cpuid {
  std::uint32_t eax = 0;
  std::uint32_t ebx = 0;
  std::uint32_t ecx = 0;
  std::uint32_t edx = 0;
};

// Zeros for what the CPU does not have.
Cpuid cpuid(std::uint32_t leaf) {
  Cpuid answer;
  __get_cpuid_count(leaf, 0, &answer.eax, &answer.ebx, &answer.ecx, &answer.edx);
  return answer;
}

// Precondition: the operating system uses XSAVE.
std::uint32_t saved_registers() {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

}  // namespace

CpuFeatures detect_cpu_features() {
  const Cpuid extended = cpuid(7);
  CpuAnswers answers{cpuid(1).ecx, extended.ebx, extended.ecx, 0};
  if (has_all(answers.leaf1_ecx, kOsXsave)) answers.saved_registers = saved_registers();
  return features_of(answers);
}

#else

CpuFeatures detect_cpu_features() { return {}; }

#endif

}  // namespace pixtok::core
