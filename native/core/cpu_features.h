#pragma once

namespace pixtok::core {

struct CpuFeatures {
  bool avx2_fma = false;
};

// What this CPU and operating system can run.
CpuFeatures detect_cpu_features();

}  // namespace pixtok::core
