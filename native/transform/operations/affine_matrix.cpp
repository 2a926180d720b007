#include "transform/operations/affine_matrix.h"

#include <cmath>

#include "core/portable_math.h"

namespace pixtok::transform {

namespace {

using core::portable_cos;
using core::portable_sin;

constexpr double kRadians = 3.14159265358979323846 / 180.0;

// Python's round(value, 15). Precondition: |value| is at most one.
double rounded_to_15_digits(double value) {
  constexpr double kUnit = 1e15;
  const double product = value * kUnit;
  const double lost = std::fma(value, kUnit, -product);
  double units = std::nearbyint(product);
  const double rest = (product - units) + lost;
  if (rest > 0.5) units += 1.0;
  if (rest < -0.5) units -= 1.0;
  return units / kUnit;
}

}  // namespace

AffineMatrix rotation_matrix(const Warp& warp, int width, int height) {
  const auto [x, y] = warp.center.value_or(std::array<double, 2>{width / 2.0, height / 2.0});
  double degrees = std::fmod(warp.angle, 360.0);
  if (degrees < 0.0) degrees += 360.0;
  const double angle = -(degrees * kRadians);
  const double cosine = rounded_to_15_digits(portable_cos(angle));
  const double sine = rounded_to_15_digits(portable_sin(angle));
  const double negative = rounded_to_15_digits(-portable_sin(angle));
  AffineMatrix matrix = {cosine, sine, 0.0, negative, cosine, 0.0};
  matrix[2] = cosine * -x + sine * -y + x;
  matrix[5] = negative * -x + cosine * -y + y;
  return matrix;
}

AffineMatrix affine_matrix(const Warp& warp, int width, int height) {
  const auto [x, y] = warp.center.value_or(std::array<double, 2>{width * 0.5, height * 0.5});
  const double rotation = warp.angle * kRadians;
  const double shear_x = warp.shear_x * kRadians;
  const double shear_y = warp.shear_y * kRadians;
  const double cosine_y = portable_cos(shear_y);
  const double tangent_x = core::portable_tan(shear_x);
  const double rest = rotation - shear_y;
  const double moved_x = x + warp.translate_x;
  const double moved_y = y + warp.translate_y;
  const double a = portable_cos(rest) / cosine_y;
  const double b = -(a * tangent_x + portable_sin(rotation));
  const double c = portable_sin(rest) / cosine_y;
  const double d = portable_cos(rotation) - c * tangent_x;
  AffineMatrix matrix = {d / warp.scale,  -b / warp.scale, 0.0,
                         -c / warp.scale, a / warp.scale,  0.0};
  matrix[2] += x - matrix[0] * moved_x - matrix[1] * moved_y;
  matrix[5] += y - matrix[3] * moved_x - matrix[4] * moved_y;
  return matrix;
}

}  // namespace pixtok::transform
