#include "core/portable_math.h"

#include <cmath>

namespace pixtok::core {

namespace {

// ln 2 as a sum; the first part has so few bits that its product with an exponent is exact.
constexpr double kLn2High = 6.93147180369123816490e-01;
constexpr double kLn2Low = 1.90821492927058770002e-10;

}  // namespace

double portable_exp(double x) {
  const double exponent = std::nearbyint(x / (kLn2High + kLn2Low));
  const double rest = (x - exponent * kLn2High) - exponent * kLn2Low;
  // Taylor's series: |rest| is at most 0.35, so what comes after the 13th power is below 2^-53.
  double sum = 1.0;
  for (int n = 13; n > 0; --n) sum = 1.0 + sum * rest / n;
  return std::ldexp(sum, static_cast<int>(exponent));
}

double portable_log(double x) {
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent);
  if (mantissa < 0.7071) {
    mantissa *= 2.0;
    --exponent;
  }
  // Newton's method: each step squares the error, which is below 0.1 at the start.
  double log = mantissa - 1.0;
  for (int step = 0; step < 5; ++step) log += mantissa * portable_exp(-log) - 1.0;
  return exponent * kLn2High + (exponent * kLn2Low + log);
}

}  // namespace pixtok::core
