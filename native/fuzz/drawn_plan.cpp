#include "fuzz/drawn_plan.h"

#include <cmath>

#include "transform/normalizer.h"

namespace pixtok::fuzz {

namespace {

constexpr int kMaxSide = 96;

using transform::ResizeMode;

template <typename Enum>
Enum one_of(FuzzedDataProvider& input, Enum last) {
  return static_cast<Enum>(input.ConsumeIntegralInRange<int>(0, static_cast<int>(last)));
}

transform::Geometry draw_geometry(FuzzedDataProvider& input) {
  const auto side = [&input](int least) {
    return input.ConsumeIntegralInRange<int>(least, kMaxSide);
  };
  transform::Geometry geometry;
  geometry.convention = one_of(input, transform::Convention::kHuggingFace);
  geometry.resize = one_of(input, ResizeMode::kFitWithin);
  geometry.width = side(1);
  geometry.height = side(1);
  geometry.shortest = side(1);
  geometry.longest = geometry.resize == ResizeMode::kLongestEdge ? side(1) : side(0);
  geometry.center_crop = input.ConsumeBool();
  geometry.crop_width = geometry.center_crop ? side(1) : 0;
  geometry.crop_height = geometry.center_crop ? side(1) : 0;
  geometry.pad = input.ConsumeBool();
  geometry.output_width = side(1);
  geometry.output_height = side(1);
  // Most plans are whole: the output is what the content fills.
  if (input.ConsumeIntegralInRange<int>(0, 7) > 0) {
    if (geometry.center_crop) {
      geometry.output_width = geometry.crop_width;
      geometry.output_height = geometry.crop_height;
    } else if (geometry.resize == ResizeMode::kFixed) {
      geometry.output_width = geometry.width;
      geometry.output_height = geometry.height;
    } else {
      geometry.pad = true;
      geometry.output_width = kMaxSide;
      geometry.output_height = kMaxSide;
    }
  }
  return geometry;
}

transform::RandomWarp draw_warp(FuzzedDataProvider& input) {
  transform::RandomWarp warp;
  warp.degrees = {-input.ConsumeFloatingPointInRange(0.0, 400.0), 400.0};
  if (input.ConsumeBool()) warp.translate = {1.0, input.ConsumeProbability<double>()};
  if (input.ConsumeBool()) warp.scale = {1e-6, input.ConsumeFloatingPointInRange(1e-6, 1000.0)};
  if (input.ConsumeBool()) warp.shear_x = {-90.0, input.ConsumeFloatingPointInRange(-90.0, 90.0)};
  if (input.ConsumeBool()) warp.center = {-kMaxSide, input.ConsumeFloatingPointInRange(0.0, 1e5)};
  constexpr transform::Filter kFilters[] = {
      transform::Filter::kNearest, transform::Filter::kBilinear, transform::Filter::kBicubic};
  warp.filter = input.PickValueInArray(kFilters);
  return warp;
}

transform::RandomOperations draw_operations(FuzzedDataProvider& input) {
  transform::RandomOperations operations;
  if (input.ConsumeBool()) operations.rotation = draw_warp(input);
  if (input.ConsumeBool()) operations.affine = draw_warp(input);
  if (input.ConsumeBool()) {
    transform::RandomPolicy& policy = operations.policy.emplace();
    policy.kind = one_of(input, transform::PolicyKind::kSvhn);
    policy.bins = input.ConsumeIntegralInRange<int>(2, 40);
    policy.magnitude = input.ConsumeIntegralInRange<int>(0, policy.bins - 1);
  }
  if (input.ConsumeBool()) {
    operations.jitter =
        transform::ColourJitter{1.0,
                                {transform::Range{0, 2}, transform::Range{0, 9},
                                 transform::Range{0, 1}, transform::Range{-0.5, 0.5}}};
  }
  if (input.ConsumeBool()) operations.grayscale = input.ConsumeProbability<double>();
  if (input.ConsumeBool()) {
    transform::RandomBlur& blur = operations.blur.emplace();
    blur.kernel_width = 2 * input.ConsumeIntegralInRange<int>(0, 12) + 1;
    blur.kernel_height = 2 * input.ConsumeIntegralInRange<int>(0, 12) + 1;
  }
  if (input.ConsumeBool()) {
    operations.erasing.emplace().noise = input.ConsumeBool();
    operations.erasing->probability = 1.0;
  }
  return operations;
}

transform::Augmentation draw_augmentation(FuzzedDataProvider& input, bool center_crop) {
  transform::Augmentation augmentation;
  augmentation.flip_probability = input.ConsumeProbability<double>();
  if (input.ConsumeBool()) augmentation.operations = draw_operations(input);
  if (input.ConsumeBool()) {
    const double scale = input.ConsumeFloatingPointInRange(0.001, 1.0);
    const double ratio = input.ConsumeFloatingPointInRange(0.01, 100.0);
    augmentation.resized_crop =
        transform::RandomResizedCrop{scale, input.ConsumeFloatingPointInRange(scale, 1.0), ratio,
                                     input.ConsumeFloatingPointInRange(ratio, 100.0)};
  } else if (center_crop) {
    transform::RandomCrop crop;
    crop.padding_left = input.ConsumeIntegralInRange<int>(0, 20);
    crop.padding_top = input.ConsumeIntegralInRange<int>(0, 20);
    crop.padding_right = input.ConsumeIntegralInRange<int>(0, 20);
    crop.padding_bottom = input.ConsumeIntegralInRange<int>(0, 20);
    crop.pad_if_needed = input.ConsumeBool();
    crop.fill = {input.ConsumeIntegral<std::uint8_t>(), 0, 255};
    augmentation.crop = crop;
  }
  return augmentation;
}

}  // namespace

transform::Plan draw_plan(FuzzedDataProvider& input) {
  transform::Plan plan;
  plan.geometry = draw_geometry(input);
  plan.filter = one_of(input, transform::Filter::kLanczos);
  plan.type = one_of(input, kernels::ElementType::kUint8);
  plan.layout = one_of(input, kernels::Layout::kHwc);
  plan.max_pixels = kMaxPixels;
  plan.exif_orientation = input.ConsumeBool();
  plan.fast_decode = input.ConsumeBool();
  if (input.ConsumeIntegralInRange<int>(0, 3) == 0) {
    plan.augmentation = draw_augmentation(input, plan.geometry.center_crop);
  }
  return plan;
}

void set_kernels(transform::Plan& plan, const kernels::KernelTable& kernels) {
  transform::NormalizerOptions options;
  options.mean = {0.485, 0.456, 0.406};
  options.std = {0.229, 0.224, 0.225};
  plan.normalizer = transform::build_normalizer(options, kernels);
}

transform::Region draw_region(FuzzedDataProvider& input) {
  transform::Region region;
  const int kind = input.ConsumeIntegralInRange<int>(0, 7);
  const auto place = [&input] { return input.ConsumeIntegralInRange<int>(0, 300); };
  if (kind == 0) region.crop = {place(), place(), place(), place()};
  if (kind == 1) {
    const auto edge = [&input] { return input.ConsumeFloatingPointInRange(0.0F, 300.0F); };
    region.left = edge();
    region.top = edge();
    region.right = std::nextafter(region.left, 1e9F) + edge();
    region.bottom = std::nextafter(region.top, 1e9F) + edge();
  }
  if (kind == 2) {
    const auto start = [&input] { return input.ConsumeIntegralInRange<int>(-300, 300); };
    region.window = transform::Window{start(), start(), {1, 2, 3}};
  }
  region.flip = input.ConsumeBool();
  region.key.seed = input.ConsumeIntegral<std::uint8_t>();
  return region;
}

}  // namespace pixtok::fuzz
