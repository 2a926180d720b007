#pragma once

#include <cstdint>
#include <cstring>

namespace pixtok::core {

// a * b + c, rounded once, on every CPU and with every C library. Precondition: the product is not
// so small that it is no normal double, and the sum is finite.
inline float fused_multiply_add(float a, float b, float c) {
#if defined(__aarch64__)
  return __builtin_fmaf(a, b, c);
#else
  const double product = static_cast<double>(a) * static_cast<double>(b);  // exact: 48 bits
  const double addend = static_cast<double>(c);
  const double sum = product + addend;
  const double added = sum - product;
  const double lost = (product - (sum - added)) + (addend - added);
  // What is lost makes the last bit odd, so that rounding to float does not meet a half by
  // accident.
  std::uint64_t bits = 0;
  std::memcpy(&bits, &sum, sizeof bits);
  const std::uint64_t step = (lost > 0.0) == (sum > 0.0) ? 1 : ~std::uint64_t{0};
  const std::uint64_t is_even_and_inexact = (~bits & 1) & (lost != 0.0 ? 1U : 0U);
  bits += step * is_even_and_inexact;
  double odd = 0.0;
  std::memcpy(&odd, &bits, sizeof odd);
  return static_cast<float>(odd);
#endif
}

}  // namespace pixtok::core
