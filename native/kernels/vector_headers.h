#pragma once

// What kernels include for their vectors: read once for all of them (pixtok_precompile in
// CMakeLists.txt).
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif
