#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "transform/filter.h"

namespace pixtok::transform {

// What is done to an image that has been resized, by the names of torchvision's functional
// transforms, and as they do it to an image of Pillow.
enum class OperationKind {
  kBrightness,
  kContrast,
  kSaturation,
  kHue,
  kGrayscale,
  kSharpness,
  kPosterize,
  kSolarize,
  kInvert,
  kAutocontrast,
  kEqualize,
  kGaussianBlur,
  kRotate,
  kAffine,
  kErase,  // of the normalized numbers; all others are of bytes
};

// One operation with its parameters, as plain numbers: JavaScript gives and gets them.
struct Operation {
  static constexpr std::size_t kNumbers = 13;

  OperationKind kind = OperationKind::kInvert;
  // Of brightness, contrast, saturation, hue and sharpness the factor, of posterize the bits, of
  // solarize the threshold; of the others what follows, in the order of its members. Unused ones
  // are zero.
  std::array<double, kNumbers> numbers{};

  double amount() const { return numbers[0]; }
};

// Parameters of kGaussianBlur. Kernels have odd sizes; sigmas are positive.
struct Blur {
  int kernel_width;
  int kernel_height;
  double sigma_x;
  double sigma_y;

  static Blur of(const Operation& operation);
  Operation operation() const;
};

// Parameters of kRotate, which has neither translation, scale nor shear, and kAffine. Degrees and
// pixels.
struct Warp {
  double angle = 0.0;
  double translate_x = 0.0;
  double translate_y = 0.0;
  double scale = 1.0;
  double shear_x = 0.0;
  double shear_y = 0.0;
  Filter filter = Filter::kNearest;  // or kBilinear or kBicubic
  std::optional<std::array<double, 2>> center;
  std::array<std::uint8_t, 3> fill{};

  static Warp of(const Operation& operation);
  Operation operation(OperationKind kind) const;
};

// Parameters of kErase: a part of the output, and what it becomes.
struct Erasure {
  int top;
  int left;
  int height;
  int width;
  bool noise;                   // normal numbers, drawn from the image's key
  std::array<double, 3> value;  // of each channel of the output, else

  static Erasure of(const Operation& operation);
  Operation operation() const;
};

}  // namespace pixtok::transform
