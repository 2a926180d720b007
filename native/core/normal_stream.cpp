#include "core/normal_stream.h"

#include <algorithm>
#include <cmath>

#include "core/portable_math.h"

namespace pixtok::core {

namespace {

// P. J. Acklam's rational approximations: of the middle, and of either tail.
constexpr double kTail = 0.02425;

double polynomial(double x, const double* coefficients, int count) {
  double sum = 0.0;
  for (int i = 0; i < count; ++i) sum = sum * x + coefficients[i];
  return sum;
}

double middle(double p) {
  static constexpr double kAbove[] = {-3.969683028665376e+01, 2.209460984245205e+02,
                                      -2.759285104469687e+02, 1.383577518672690e+02,
                                      -3.066479806614716e+01, 2.506628277459239e+00};
  static constexpr double kBelow[] = {-5.447609879822406e+01, 1.615858368580409e+02,
                                      -1.556989798598866e+02, 6.680131188771972e+01,
                                      -1.328068155288572e+01, 1.0};
  const double q = p - 0.5;
  return q * polynomial(q * q, kAbove, 6) / polynomial(q * q, kBelow, 6);
}

double lower_tail(double p) {
  static constexpr double kAbove[] = {-7.784894002430293e-03, -3.223964580411365e-01,
                                      -2.400758277161838e+00, -2.549732539343734e+00,
                                      4.374664141464968e+00,  2.938163982698783e+00};
  static constexpr double kBelow[] = {7.784695709041462e-03, 3.224671290700398e-01,
                                      2.445134137142996e+00, 3.754408661907416e+00, 1.0};
  const double q = std::sqrt(-2.0 * portable_log(p));
  return polynomial(q, kAbove, 6) / polynomial(q, kBelow, 5);
}

}  // namespace

double normal_quantile(double p) {
  if (p < kTail) return lower_tail(p);
  if (p > 1.0 - kTail) return -lower_tail(1.0 - p);
  return middle(p);
}

// Zero stands for half of the step to the next number.
double NormalStream::next() { return normal_quantile(std::max(random_.uniform(), 0x1p-54)); }

}  // namespace pixtok::core
