#pragma once

#include <cstdint>

namespace pixtok::core {

struct CpuFeatures {
  bool avx2 = false;         // with FMA and F16C
  bool avx512 = false;       // F, BW, DQ and VL
  bool avx512_vnni = false;  // with VBMI and VNNI as well
};

// What a CPU of x86-64 answers: registers of CPUID's leaves 1 and 7, and what the operating system
// saves of a thread's registers (XCR0).
struct CpuAnswers {
  std::uint32_t leaf1_ecx = 0;
  std::uint32_t leaf7_ebx = 0;
  std::uint32_t leaf7_ecx = 0;
  std::uint32_t saved_registers = 0;
};

CpuFeatures features_of(const CpuAnswers& answers);

// What this CPU and operating system can run.
CpuFeatures detect_cpu_features();

}  // namespace pixtok::core
