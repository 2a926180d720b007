#include "addon/augmentation_options.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "addon/plain_values.h"
#include "core/limits.h"

namespace pixtok::addon {

namespace {

using core::kMaxSide;

constexpr const char* kPolicies[] = {"rand", "trivial", "imagenet", "cifar10", "svhn"};

// The last one is kErase.
constexpr auto kKinds = static_cast<int>(transform::OperationKind::kErase) + 1;

std::optional<Napi::Object> object_in(const Napi::Object& options, const char* name) {
  const Napi::Value value = options.Get(name);
  if (!value.IsObject()) return std::nullopt;
  return value.As<Napi::Object>();
}

transform::Range range(const Napi::Object& options, const char* name) {
  const std::array<double, 2> ends = numbers<2>(options, name);
  return {ends[0], ends[1]};
}

std::optional<transform::Range> range_if_any(const Napi::Object& options, const char* name) {
  if (!options.Get(name).IsArray()) return std::nullopt;
  return range(options, name);
}

std::optional<std::array<double, 2>> pair_if_any(const Napi::Object& options, const char* name) {
  if (!options.Get(name).IsArray()) return std::nullopt;
  return numbers<2>(options, name);
}

transform::RandomWarp read_warp(const Napi::Object& options) {
  transform::RandomWarp warp;
  warp.degrees = range(options, "degrees");
  warp.translate = pair_if_any(options, "translate");
  warp.scale = range_if_any(options, "scale");
  warp.shear_x = range_if_any(options, "shearX");
  warp.shear_y = range_if_any(options, "shearY");
  warp.filter = named<transform::Filter>(options, "filter", kFilters);
  warp.center = pair_if_any(options, "center");
  warp.fill = colour(options, "fill");
  return warp;
}

transform::RandomPolicy read_policy(const Napi::Object& options) {
  constexpr int kMost = 1 << 20;
  transform::RandomPolicy policy;
  policy.kind = named<transform::PolicyKind>(options, "kind", kPolicies);
  policy.operations = static_cast<int>(integer(options, "numOps", 0, kMost));
  policy.bins = static_cast<int>(integer(options, "bins", 2, kMost));
  policy.magnitude = static_cast<int>(integer(options, "magnitude", 0, policy.bins - 1));
  policy.filter = named<transform::Filter>(options, "filter", kFilters);
  policy.fill = colour(options, "fill");
  return policy;
}

transform::ColourJitter read_jitter(const Napi::Object& options) {
  transform::ColourJitter jitter;
  jitter.probability = number(options, "probability");
  const char* const names[] = {"brightness", "contrast", "saturation", "hue"};
  for (std::size_t i = 0; i < jitter.factors.size(); ++i) {
    jitter.factors[i] = range_if_any(options, names[i]);
  }
  return jitter;
}

transform::RandomBlur read_blur(const Napi::Object& options) {
  transform::RandomBlur blur;
  blur.probability = number(options, "probability");
  const std::array<int, 2> kernel = integers<2>(options, "kernelSize", 1, kMaxSide);
  blur.kernel_width = kernel[0];
  blur.kernel_height = kernel[1];
  blur.sigma = range(options, "sigma");
  return blur;
}

transform::RandomErasing read_erasing(const Napi::Object& options) {
  transform::RandomErasing erasing;
  erasing.probability = number(options, "probability");
  erasing.scale = range(options, "scale");
  erasing.ratio = range(options, "ratio");
  erasing.noise = flag(options, "noise");
  erasing.value = numbers<3>(options, "value");
  return erasing;
}

transform::RandomOperations read_random_operations(const Napi::Object& options) {
  transform::RandomOperations operations;
  if (const auto given = object_in(options, "rotation")) operations.rotation = read_warp(*given);
  if (const auto given = object_in(options, "affine")) operations.affine = read_warp(*given);
  if (const auto given = object_in(options, "policy")) operations.policy = read_policy(*given);
  if (const auto given = object_in(options, "jitter")) operations.jitter = read_jitter(*given);
  if (options.Get("grayscale").IsNumber()) operations.grayscale = number(options, "grayscale");
  if (const auto given = object_in(options, "blur")) operations.blur = read_blur(*given);
  if (const auto given = object_in(options, "erasing")) operations.erasing = read_erasing(*given);
  return operations;
}

}  // namespace

std::optional<transform::Augmentation> read_augmentation(const Napi::Value& value) {
  if (!value.IsObject()) return std::nullopt;
  const Napi::Object options = value.As<Napi::Object>();
  transform::Augmentation augmentation;
  augmentation.flip_probability = number(options, "horizontalFlip");
  if (!options.Get("scale").IsNull()) {
    const std::array<double, 2> scale = numbers<2>(options, "scale");
    const std::array<double, 2> ratio = numbers<2>(options, "ratio");
    augmentation.resized_crop = {scale[0], scale[1], ratio[0], ratio[1]};
  }
  if (!options.Get("padding").IsNull()) {
    const std::array<int, 4> padding = integers<4>(options, "padding", 0, kMaxSide);
    augmentation.crop = {padding[0],
                         padding[1],
                         padding[2],
                         padding[3],
                         flag(options, "padIfNeeded"),
                         colour(options, "fill")};
  }
  augmentation.operations = read_random_operations(options);
  return augmentation;
}

std::vector<transform::Operation> read_operations(const Napi::Value& value) {
  std::vector<transform::Operation> operations;
  if (!value.IsArray()) return operations;
  const auto list = value.As<Napi::Array>();
  for (std::uint32_t i = 0; i < list.Length(); ++i) {
    const Napi::Value given = list.Get(i);
    if (!given.IsArray()) {
      throw Napi::TypeError::New(value.Env(), "operations: expected a list of numbers");
    }
    const auto values = given.As<Napi::Array>();
    transform::Operation operation;
    const double kind = values.Get(std::uint32_t{0}).ToNumber().DoubleValue();
    if (!(kind >= 0 && kind < kKinds)) {
      throw Napi::RangeError::New(value.Env(), "operations: no such kind");
    }
    operation.kind = static_cast<transform::OperationKind>(static_cast<int>(kind));
    const std::size_t count =
        std::min<std::size_t>(operation.numbers.size(), std::max(1U, values.Length()) - 1);
    for (std::uint32_t k = 0; k < count; ++k) {
      operation.numbers[k] = values.Get(k + 1).ToNumber().DoubleValue();
    }
    operations.push_back(operation);
  }
  return operations;
}

double* write_operations(const std::vector<transform::Operation>& operations, std::size_t most,
                         double* out) {
  for (std::size_t i = 0; i < most; ++i) {
    if (i >= operations.size()) {
      out = std::fill_n(out, kOperationNumbers, 0.0);
      continue;
    }
    *out++ = static_cast<int>(operations[i].kind) + 1;
    out = std::copy(operations[i].numbers.begin(), operations[i].numbers.end(), out);
  }
  return out;
}

}  // namespace pixtok::addon
