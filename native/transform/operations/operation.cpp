#include "transform/operations/operation.h"

namespace pixtok::transform {

Blur Blur::of(const Operation& operation) {
  const auto& numbers = operation.numbers;
  return {static_cast<int>(numbers[0]), static_cast<int>(numbers[1]), numbers[2], numbers[3]};
}

Operation Blur::operation() const {
  return {
      OperationKind::kGaussianBlur,
      {static_cast<double>(kernel_width), static_cast<double>(kernel_height), sigma_x, sigma_y}};
}

Warp Warp::of(const Operation& operation) {
  const auto& numbers = operation.numbers;
  Warp warp;
  warp.angle = numbers[0];
  warp.translate_x = numbers[1];
  warp.translate_y = numbers[2];
  warp.scale = numbers[3];
  warp.shear_x = numbers[4];
  warp.shear_y = numbers[5];
  warp.filter = static_cast<Filter>(static_cast<int>(numbers[6]));
  if (numbers[7] != 0.0) warp.center = {numbers[8], numbers[9]};
  for (std::size_t i = 0; i < 3; ++i) warp.fill[i] = static_cast<std::uint8_t>(numbers[10 + i]);
  return warp;
}

Operation Warp::operation(OperationKind kind) const {
  const std::array<double, 2> at = center.value_or(std::array<double, 2>{});
  return {
      kind,
      {angle, translate_x, translate_y, scale, shear_x, shear_y,
       static_cast<double>(static_cast<int>(filter)), center ? 1.0 : 0.0, at[0], at[1],
       static_cast<double>(fill[0]), static_cast<double>(fill[1]), static_cast<double>(fill[2])}};
}

Erasure Erasure::of(const Operation& operation) {
  const auto& numbers = operation.numbers;
  const auto integer = [&](std::size_t i) { return static_cast<int>(numbers[i]); };
  return {integer(0), integer(1),        integer(2),
          integer(3), numbers[4] != 0.0, {numbers[5], numbers[6], numbers[7]}};
}

Operation Erasure::operation() const {
  return {OperationKind::kErase,
          {static_cast<double>(top), static_cast<double>(left), static_cast<double>(height),
           static_cast<double>(width), noise ? 1.0 : 0.0, value[0], value[1], value[2]}};
}

}  // namespace pixtok::transform
