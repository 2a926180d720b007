#pragma once

#include <cstdio>
#include <cstdlib>

// Ends the process where a promise of the code under test does not hold; the fuzzer keeps the
// input.
#define REQUIRE(condition)                                                         \
  do {                                                                             \
    if (!(condition)) {                                                            \
      std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                \
    }                                                                              \
  } while (false)
