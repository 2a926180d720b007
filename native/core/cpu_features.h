#pragma once

namespace pixtok::core {

struct CpuFeatures {
  bool avx2 = false;         // with FMA and F16C
  bool avx512 = false;       // F, BW, DQ and VL
  bool avx512_vnni = false;  // with VBMI and VNNI as well
};

// What this CPU and operating system can run.
CpuFeatures detect_cpu_features();

}  // namespace pixtok::core
