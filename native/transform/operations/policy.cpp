#include "transform/operations/policy.h"

#include <array>
#include <cmath>
#include <optional>

#include "core/fused_multiply_add.h"
#include "core/portable_math.h"

namespace pixtok::transform {

namespace {

using core::RandomStream;

// In the order of torchvision's spaces; kIdentity is in front of that of AutoAugment, and kInvert
// behind the others.
enum class Step {
  kIdentity,
  kShearX,
  kShearY,
  kTranslateX,
  kTranslateY,
  kRotate,
  kBrightness,
  kColour,
  kContrast,
  kSharpness,
  kPosterize,
  kSolarize,
  kAutocontrast,
  kEqualize,
  kInvert,
};

constexpr int kStepsOfSpace = 14;  // kIdentity to kEqualize: RandAugment's and TrivialAugment's
constexpr int kBinsOfAutoAugment = 10;

struct SubPolicyStep {
  Step step;
  double probability;
  int magnitude = 0;  // of steps that have one
};

using SubPolicies = std::array<std::array<SubPolicyStep, 2>, 25>;

constexpr SubPolicies kImagenet = {{
    {{{Step::kPosterize, 0.4, 8}, {Step::kRotate, 0.6, 9}}},
    {{{Step::kSolarize, 0.6, 5}, {Step::kAutocontrast, 0.6}}},
    {{{Step::kEqualize, 0.8}, {Step::kEqualize, 0.6}}},
    {{{Step::kPosterize, 0.6, 7}, {Step::kPosterize, 0.6, 6}}},
    {{{Step::kEqualize, 0.4}, {Step::kSolarize, 0.2, 4}}},
    {{{Step::kEqualize, 0.4}, {Step::kRotate, 0.8, 8}}},
    {{{Step::kSolarize, 0.6, 3}, {Step::kEqualize, 0.6}}},
    {{{Step::kPosterize, 0.8, 5}, {Step::kEqualize, 1.0}}},
    {{{Step::kRotate, 0.2, 3}, {Step::kSolarize, 0.6, 8}}},
    {{{Step::kEqualize, 0.6}, {Step::kPosterize, 0.4, 6}}},
    {{{Step::kRotate, 0.8, 8}, {Step::kColour, 0.4, 0}}},
    {{{Step::kRotate, 0.4, 9}, {Step::kEqualize, 0.6}}},
    {{{Step::kEqualize, 0.0}, {Step::kEqualize, 0.8}}},
    {{{Step::kInvert, 0.6}, {Step::kEqualize, 1.0}}},
    {{{Step::kColour, 0.6, 4}, {Step::kContrast, 1.0, 8}}},
    {{{Step::kRotate, 0.8, 8}, {Step::kColour, 1.0, 2}}},
    {{{Step::kColour, 0.8, 8}, {Step::kSolarize, 0.8, 7}}},
    {{{Step::kSharpness, 0.4, 7}, {Step::kInvert, 0.6}}},
    {{{Step::kShearX, 0.6, 5}, {Step::kEqualize, 1.0}}},
    {{{Step::kColour, 0.4, 0}, {Step::kEqualize, 0.6}}},
    {{{Step::kEqualize, 0.4}, {Step::kSolarize, 0.2, 4}}},
    {{{Step::kSolarize, 0.6, 5}, {Step::kAutocontrast, 0.6}}},
    {{{Step::kInvert, 0.6}, {Step::kEqualize, 1.0}}},
    {{{Step::kColour, 0.6, 4}, {Step::kContrast, 1.0, 8}}},
    {{{Step::kEqualize, 0.8}, {Step::kEqualize, 0.6}}},
}};

constexpr SubPolicies kCifar10 = {{
    {{{Step::kInvert, 0.1}, {Step::kContrast, 0.2, 6}}},
    {{{Step::kRotate, 0.7, 2}, {Step::kTranslateX, 0.3, 9}}},
    {{{Step::kSharpness, 0.8, 1}, {Step::kSharpness, 0.9, 3}}},
    {{{Step::kShearY, 0.5, 8}, {Step::kTranslateY, 0.7, 9}}},
    {{{Step::kAutocontrast, 0.5}, {Step::kEqualize, 0.9}}},
    {{{Step::kShearY, 0.2, 7}, {Step::kPosterize, 0.3, 7}}},
    {{{Step::kColour, 0.4, 3}, {Step::kBrightness, 0.6, 7}}},
    {{{Step::kSharpness, 0.3, 9}, {Step::kBrightness, 0.7, 9}}},
    {{{Step::kEqualize, 0.6}, {Step::kEqualize, 0.5}}},
    {{{Step::kContrast, 0.6, 7}, {Step::kSharpness, 0.6, 5}}},
    {{{Step::kColour, 0.7, 7}, {Step::kTranslateX, 0.5, 8}}},
    {{{Step::kEqualize, 0.3}, {Step::kAutocontrast, 0.4}}},
    {{{Step::kTranslateY, 0.4, 3}, {Step::kSharpness, 0.2, 6}}},
    {{{Step::kBrightness, 0.9, 6}, {Step::kColour, 0.2, 8}}},
    {{{Step::kSolarize, 0.5, 2}, {Step::kInvert, 0.0}}},
    {{{Step::kEqualize, 0.2}, {Step::kAutocontrast, 0.6}}},
    {{{Step::kEqualize, 0.2}, {Step::kEqualize, 0.6}}},
    {{{Step::kColour, 0.9, 9}, {Step::kEqualize, 0.6}}},
    {{{Step::kAutocontrast, 0.8}, {Step::kSolarize, 0.2, 8}}},
    {{{Step::kBrightness, 0.1, 3}, {Step::kColour, 0.7, 0}}},
    {{{Step::kSolarize, 0.4, 5}, {Step::kAutocontrast, 0.9}}},
    {{{Step::kTranslateY, 0.9, 9}, {Step::kTranslateY, 0.7, 9}}},
    {{{Step::kAutocontrast, 0.9}, {Step::kSolarize, 0.8, 3}}},
    {{{Step::kEqualize, 0.8}, {Step::kInvert, 0.1}}},
    {{{Step::kTranslateY, 0.7, 9}, {Step::kAutocontrast, 0.9}}},
}};

constexpr SubPolicies kSvhn = {{
    {{{Step::kShearX, 0.9, 4}, {Step::kInvert, 0.2}}},
    {{{Step::kShearY, 0.9, 8}, {Step::kInvert, 0.7}}},
    {{{Step::kEqualize, 0.6}, {Step::kSolarize, 0.6, 6}}},
    {{{Step::kInvert, 0.9}, {Step::kEqualize, 0.6}}},
    {{{Step::kEqualize, 0.6}, {Step::kRotate, 0.9, 3}}},
    {{{Step::kShearX, 0.9, 4}, {Step::kAutocontrast, 0.8}}},
    {{{Step::kShearY, 0.9, 8}, {Step::kInvert, 0.4}}},
    {{{Step::kShearY, 0.9, 5}, {Step::kSolarize, 0.2, 6}}},
    {{{Step::kInvert, 0.9}, {Step::kAutocontrast, 0.8}}},
    {{{Step::kEqualize, 0.6}, {Step::kRotate, 0.9, 3}}},
    {{{Step::kShearX, 0.9, 4}, {Step::kSolarize, 0.3, 3}}},
    {{{Step::kShearY, 0.8, 8}, {Step::kInvert, 0.7}}},
    {{{Step::kEqualize, 0.9}, {Step::kTranslateY, 0.6, 6}}},
    {{{Step::kInvert, 0.9}, {Step::kEqualize, 0.6}}},
    {{{Step::kContrast, 0.3, 3}, {Step::kRotate, 0.8, 4}}},
    {{{Step::kInvert, 0.8}, {Step::kTranslateY, 0.0, 2}}},
    {{{Step::kShearY, 0.7, 6}, {Step::kSolarize, 0.4, 8}}},
    {{{Step::kInvert, 0.6}, {Step::kRotate, 0.8, 4}}},
    {{{Step::kShearY, 0.3, 7}, {Step::kTranslateX, 0.9, 3}}},
    {{{Step::kShearX, 0.1, 6}, {Step::kInvert, 0.6}}},
    {{{Step::kSolarize, 0.7, 2}, {Step::kTranslateY, 0.6, 7}}},
    {{{Step::kShearY, 0.8, 4}, {Step::kInvert, 0.8}}},
    {{{Step::kShearX, 0.7, 9}, {Step::kTranslateY, 0.8, 3}}},
    {{{Step::kShearY, 0.8, 5}, {Step::kAutocontrast, 0.7}}},
    {{{Step::kShearX, 0.7, 2}, {Step::kInvert, 0.1}}},
}};

// How far the magnitudes of a space go.
struct Space {
  double shear;
  double degrees;
  double factor;
  double bits;                  // that posterize takes at most
  std::optional<double> shift;  // in pixels; else a share of the side, as in AutoAugment's paper
};

constexpr Space kUsualSpace = {0.3, 30.0, 0.9, 4.0, std::nullopt};
constexpr Space kWideSpace = {0.99, 135.0, 0.99, 6.0, 32.0};

bool has_magnitude(Step step) {
  return step != Step::kIdentity && step != Step::kAutocontrast && step != Step::kEqualize &&
         step != Step::kInvert;
}

bool is_signed(Step step) {
  return has_magnitude(step) && step != Step::kPosterize && step != Step::kSolarize;
}

double magnitude_of(Step step, const Space& space, const ImageSize& size, int bins, int place) {
  const auto up_to = [=](double last) { return equally_spaced(0.0, last, bins, place); };
  const auto shift = [&](int side) { return up_to(space.shift.value_or(150.0 / 331.0 * side)); };
  switch (step) {
    case Step::kShearX:
    case Step::kShearY:
      return up_to(space.shear);
    case Step::kTranslateX:
      return shift(size.width);
    case Step::kTranslateY:
      return shift(size.height);
    case Step::kRotate:
      return up_to(space.degrees);
    case Step::kPosterize: {
      const auto bits_of_bin = static_cast<float>((bins - 1) / space.bits);
      return std::nearbyint(static_cast<double>(8.0F - static_cast<float>(place) / bits_of_bin));
    }
    case Step::kSolarize:
      return equally_spaced(1.0, 0.0, bins, place);
    default:
      return up_to(space.factor);
  }
}

Operation amount(OperationKind kind, double value = 0.0) { return {kind, {value}}; }

// _apply_image_or_video_transform
std::optional<Operation> operation_of(Step step, double magnitude, const RandomPolicy& policy) {
  constexpr double kDegrees = 180.0 / 3.14159265358979323846;
  Warp warp;
  warp.filter = policy.filter;
  warp.fill = policy.fill;
  switch (step) {
    case Step::kIdentity:
      return std::nullopt;
    case Step::kShearX:
      warp.shear_x = core::portable_atan(magnitude) * kDegrees;
      warp.center = {0.0, 0.0};
      return warp.operation(OperationKind::kAffine);
    case Step::kShearY:
      warp.shear_y = core::portable_atan(magnitude) * kDegrees;
      warp.center = {0.0, 0.0};
      return warp.operation(OperationKind::kAffine);
    case Step::kTranslateX:
      warp.translate_x = std::trunc(magnitude);
      return warp.operation(OperationKind::kAffine);
    case Step::kTranslateY:
      warp.translate_y = std::trunc(magnitude);
      return warp.operation(OperationKind::kAffine);
    case Step::kRotate:
      warp.angle = magnitude;
      return warp.operation(OperationKind::kRotate);
    case Step::kBrightness:
      return amount(OperationKind::kBrightness, 1.0 + magnitude);
    case Step::kColour:
      return amount(OperationKind::kSaturation, 1.0 + magnitude);
    case Step::kContrast:
      return amount(OperationKind::kContrast, 1.0 + magnitude);
    case Step::kSharpness:
      return amount(OperationKind::kSharpness, 1.0 + magnitude);
    case Step::kPosterize:
      return amount(OperationKind::kPosterize, magnitude);
    case Step::kSolarize:
      return amount(OperationKind::kSolarize, 255.0 * magnitude);
    case Step::kAutocontrast:
      return amount(OperationKind::kAutocontrast);
    case Step::kEqualize:
      return amount(OperationKind::kEqualize);
    case Step::kInvert:
      break;
  }
  return amount(OperationKind::kInvert);
}

void append(Step step, double magnitude, const RandomPolicy& policy, RandomStream& random,
            std::vector<Operation>& operations) {
  const bool negative = is_signed(step) && random.uniform() <= 0.5;
  const std::optional<Operation> operation =
      operation_of(step, negative ? -magnitude : magnitude, policy);
  if (operation) operations.push_back(*operation);
}

void draw_of_space(const RandomPolicy& policy, const Space& space, bool draws_magnitude,
                   const ImageSize& size, RandomStream& random,
                   std::vector<Operation>& operations) {
  const auto step = static_cast<Step>(random.below(kStepsOfSpace));
  double magnitude = 0.0;
  if (has_magnitude(step)) {
    const int place = draws_magnitude ? random.below(policy.bins) : policy.magnitude;
    magnitude = magnitude_of(step, space, size, policy.bins, place);
  }
  append(step, magnitude, policy, random, operations);
}

const SubPolicies& sub_policies(PolicyKind kind) {
  if (kind == PolicyKind::kCifar10) return kCifar10;
  return kind == PolicyKind::kSvhn ? kSvhn : kImagenet;
}

}  // namespace

double equally_spaced(double first, double last, int bins, int place) {
  const auto start = static_cast<float>(first);
  const auto end = static_cast<float>(last);
  const float step = (end - start) / static_cast<float>(bins - 1);
  // counted from the nearer end
  const float value =
      place < bins / 2 ? core::fused_multiply_add(step, static_cast<float>(place), start)
                       : core::fused_multiply_add(-step, static_cast<float>(bins - 1 - place), end);
  return static_cast<double>(value);
}

std::size_t most_operations(const RandomPolicy& policy) {
  if (policy.kind == PolicyKind::kRand) return static_cast<std::size_t>(policy.operations);
  return policy.kind == PolicyKind::kTrivial ? 1 : 2;
}

void draw_policy(const RandomPolicy& policy, const ImageSize& size, RandomStream& random,
                 std::vector<Operation>& operations) {
  if (policy.kind == PolicyKind::kRand) {
    for (int i = 0; i < policy.operations; ++i) {
      draw_of_space(policy, kUsualSpace, false, size, random, operations);
    }
    return;
  }
  if (policy.kind == PolicyKind::kTrivial) {
    return draw_of_space(policy, kWideSpace, true, size, random, operations);
  }
  const SubPolicies& all = sub_policies(policy.kind);
  for (const SubPolicyStep& one : all[static_cast<std::size_t>(random.below(25))]) {
    if (random.uniform() > one.probability) continue;
    const double magnitude =
        has_magnitude(one.step)
            ? magnitude_of(one.step, kUsualSpace, size, kBinsOfAutoAugment, one.magnitude)
            : 0.0;
    append(one.step, magnitude, policy, random, operations);
  }
}

}  // namespace pixtok::transform
