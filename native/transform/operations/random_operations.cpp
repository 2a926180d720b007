#include "transform/operations/random_operations.h"

#include <cmath>
#include <cstddef>
#include <utility>

#include "core/portable_math.h"
#include "transform/operations/policy.h"

namespace pixtok::transform {

namespace {

using core::RandomStream;

double between(RandomStream& random, const Range& range) {
  return random.uniform() * (range.most - range.least) + range.least;
}

// RandomApply; a transform that is always applied is in none.
bool applies(double probability, RandomStream& random) {
  return probability >= 1.0 || random.uniform() < probability;
}

Operation with_amount(OperationKind kind, double amount) { return {kind, {amount}}; }

Operation draw_warp(OperationKind kind, const RandomWarp& options, const ImageSize& size,
                    RandomStream& random) {
  Warp warp;
  warp.filter = options.filter;
  warp.center = options.center;
  warp.fill = options.fill;
  warp.angle = between(random, options.degrees);
  if (options.translate) {
    const auto shift = [&](double share, int side) {
      const double most = share * side;
      return std::nearbyint(between(random, {-most, most}));
    };
    warp.translate_x = shift((*options.translate)[0], size.width);
    warp.translate_y = shift((*options.translate)[1], size.height);
  }
  if (options.scale) warp.scale = between(random, *options.scale);
  if (options.shear_x) warp.shear_x = between(random, *options.shear_x);
  if (options.shear_y) warp.shear_y = between(random, *options.shear_y);
  return warp.operation(kind);
}

void draw_jitter(const ColourJitter& options, RandomStream& random,
                 std::vector<Operation>& operations) {
  constexpr std::array<OperationKind, 4> kKinds = {OperationKind::kBrightness,
                                                   OperationKind::kContrast,
                                                   OperationKind::kSaturation, OperationKind::kHue};
  std::array<std::size_t, 4> order = {0, 1, 2, 3};
  for (std::size_t i = 0; i + 1 < order.size(); ++i) {
    const auto left = static_cast<int>(order.size() - i);
    std::swap(order[i], order[i + static_cast<std::size_t>(random.below(left))]);
  }
  std::array<double, 4> factors{};
  for (std::size_t i = 0; i < factors.size(); ++i) {
    if (options.factors[i]) factors[i] = between(random, *options.factors[i]);
  }
  for (const std::size_t i : order) {
    if (options.factors[i]) operations.push_back(with_amount(kKinds[i], factors[i]));
  }
}

std::optional<Operation> draw_erasure(const RandomErasing& options, const ImageSize& size,
                                      RandomStream& random) {
  constexpr int kAttempts = 10;
  if (random.uniform() >= options.probability) return std::nullopt;
  const double area = static_cast<double>(size.width) * size.height;
  const Range logs{core::portable_log(options.ratio.least), core::portable_log(options.ratio.most)};
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const double target = area * between(random, options.scale);
    const double ratio = core::portable_exp(between(random, logs));
    const double height = std::nearbyint(std::sqrt(target * ratio));
    const double width = std::nearbyint(std::sqrt(target / ratio));
    if (!(height < size.height && width < size.width)) continue;
    Erasure erasure{
        0, 0, static_cast<int>(height), static_cast<int>(width), options.noise, options.value};
    erasure.top = random.below(size.height - erasure.height + 1);
    erasure.left = random.below(size.width - erasure.width + 1);
    return erasure.operation();
  }
  return std::nullopt;
}

}  // namespace

std::size_t RandomOperations::most() const {
  std::size_t sum = 0;
  for (const bool one : {rotation.has_value(), affine.has_value(), grayscale.has_value(),
                         blur.has_value(), erasing.has_value()}) {
    sum += one ? 1 : 0;
  }
  if (jitter) sum += jitter->factors.size();
  return policy ? sum + most_operations(*policy) : sum;
}

bool RandomOperations::empty() const { return most() == 0; }

void draw_operations(const RandomOperations& options, const ImageSize& content,
                     const ImageSize& output, RandomStream& random,
                     std::vector<Operation>& operations) {
  if (options.rotation) {
    operations.push_back(draw_warp(OperationKind::kRotate, *options.rotation, content, random));
  }
  if (options.affine) {
    operations.push_back(draw_warp(OperationKind::kAffine, *options.affine, content, random));
  }
  if (options.policy) draw_policy(*options.policy, content, random, operations);
  if (options.jitter && applies(options.jitter->probability, random)) {
    draw_jitter(*options.jitter, random, operations);
  }
  if (options.grayscale && random.uniform() < *options.grayscale) {
    operations.push_back({OperationKind::kGrayscale, {}});
  }
  if (options.blur && applies(options.blur->probability, random)) {
    const double sigma = between(random, options.blur->sigma);
    const Blur blur{options.blur->kernel_width, options.blur->kernel_height, sigma, sigma};
    operations.push_back(blur.operation());
  }
  if (options.erasing) {
    const std::optional<Operation> erasure = draw_erasure(*options.erasing, output, random);
    if (erasure) operations.push_back(*erasure);
  }
}

}  // namespace pixtok::transform
