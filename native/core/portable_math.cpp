#include "core/portable_math.h"

#include <cmath>
#include <utility>

namespace pixtok::core {

namespace {

// ln 2 as a sum; the first part has so few bits that its product with an exponent is exact.
constexpr double kLn2High = 6.93147180369123816490e-01;
constexpr double kLn2Low = 1.90821492927058770002e-10;

// The sum of two doubles, the second below the last bit of the first.
struct Exact {
  double high;
  double low;

  double value() const { return high + low; }
  Exact operator-() const { return {-high, -low}; }
};

Exact exact_sum(double a, double b) {
  const double sum = a + b;
  const double added = sum - a;
  return {sum, (a - (sum - added)) + (b - added)};
}

Exact operator+(const Exact& a, const Exact& b) {
  const Exact sum = exact_sum(a.high, b.high);
  return exact_sum(sum.high, sum.low + (a.low + b.low));
}

Exact operator*(const Exact& a, const Exact& b) {
  const double product = a.high * b.high;
  const double lost = std::fma(a.high, b.high, -product);
  return exact_sum(product, lost + (a.high * b.low + a.low * b.high));
}

Exact operator/(const Exact& a, const Exact& b) {
  const double first = a.high / b.high;
  const Exact rest = a + -(b * Exact{first, 0.0});
  return exact_sum(first, rest.high / b.high);
}

// A quarter of a turn: products of the first two with a number of turns are exact.
constexpr double kQuarterHigh = 0x1.921fb54400000p+0;
constexpr double kQuarterMiddle = 0x1.0b4611a600000p-34;
constexpr double kQuarterLow = 0x1.3198a2e037073p-69;

// Taylor's series of sine, from `power` 25, and cosine, from 26, divided by the first power that
// they have: of an angle up to 0.79 what comes after is below 2^-90.
Exact series(const Exact& square, int power) {
  Exact sum = {1.0, 0.0};
  for (int n = power; n > 1; n -= 2) {
    sum = Exact{1.0, 0.0} + -(sum * square / Exact{static_cast<double>(n * (n - 1)), 0.0});
  }
  return sum;
}

// Sine and cosine with more bits than a double has.
struct Circle {
  Exact sine;
  Exact cosine;

  explicit Circle(double x) {
    const double quarters = std::nearbyint(x / kQuarterHigh);
    const Exact most = exact_sum(x - quarters * kQuarterHigh, -(quarters * kQuarterMiddle));
    const Exact rest = most + Exact{-(quarters * kQuarterLow), 0.0};
    const Exact square = rest * rest;
    sine = rest * series(square, 25);
    cosine = series(square, 26);
    const int quarter = static_cast<int>(quarters) & 3;
    if (quarter % 2 == 1) {
      std::swap(sine, cosine);
      cosine = -cosine;
    }
    if (quarter >= 2) {
      sine = -sine;
      cosine = -cosine;
    }
  }
};

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

double portable_sin(double x) { return Circle(x).sine.value(); }

double portable_cos(double x) { return Circle(x).cosine.value(); }

double portable_tan(double x) {
  const Circle circle(x);
  return (circle.sine / circle.cosine).value();
}

double portable_atan(double x) {
  // atan(x) = 2 atan(x / (1 + sqrt(1 + x^2))), which brings it below tan(pi / 32)
  constexpr int kHalvings = 4;
  double part = x;
  for (int i = 0; i < kHalvings; ++i) part /= 1.0 + std::sqrt(1.0 + part * part);
  const double square = part * part;
  double sum = 0.0;
  for (int n = 15; n > 0; n -= 2) sum = 1.0 / n - sum * square;
  const double near = part * sum * (1 << kHalvings);
  // one step of Newton's method makes it good to the last bit
  const Circle circle(near);
  const Exact error = Exact{x, 0.0} + -(circle.sine / circle.cosine);
  return near + error.high / (1.0 + x * x);
}

}  // namespace pixtok::core
