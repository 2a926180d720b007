#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/random_stream.h"
#include "transform/filter.h"
#include "transform/operations/operation.h"

namespace pixtok::transform {

struct Range {
  double least;
  double most;
};

// torchvision's RandomRotation and RandomAffine; nothing: not changed, and no number taken.
struct RandomWarp {
  Range degrees{0.0, 0.0};
  std::optional<std::array<double, 2>> translate;  // most, as a share of width and height
  std::optional<Range> scale;
  std::optional<Range> shear_x;
  std::optional<Range> shear_y;  // with shear_x alone
  Filter filter = Filter::kNearest;
  std::optional<std::array<double, 2>> center;
  std::array<std::uint8_t, 3> fill{};
};

// torchvision's RandAugment, TrivialAugmentWide and AutoAugment.
enum class PolicyKind { kRand, kTrivial, kImagenet, kCifar10, kSvhn };

struct RandomPolicy {
  PolicyKind kind = PolicyKind::kRand;
  int operations = 2;  // of kRand
  int magnitude = 9;   // of kRand, from 0 to bins - 1
  int bins = 31;       // of kRand and kTrivial, at least 2
  Filter filter = Filter::kNearest;
  std::array<std::uint8_t, 3> fill{};
};

// torchvision's ColorJitter. With a probability of less than one it is in a RandomApply.
struct ColourJitter {
  double probability = 1.0;
  // Brightness, contrast, saturation and hue.
  std::array<std::optional<Range>, 4> factors;
};

// torchvision's GaussianBlur, as above.
struct RandomBlur {
  double probability = 1.0;
  int kernel_width = 3;
  int kernel_height = 3;
  Range sigma{0.1, 2.0};
};

// torchvision's RandomErasing.
struct RandomErasing {
  double probability = 0.5;
  Range scale{0.02, 0.33};
  Range ratio{0.3, 3.3};
  bool noise = false;
  std::array<double, 3> value{};
};

// Operations in this order, as in the usual recipes.
struct RandomOperations {
  std::optional<RandomWarp> rotation;
  std::optional<RandomWarp> affine;
  std::optional<RandomPolicy> policy;
  std::optional<ColourJitter> jitter;
  std::optional<double> grayscale;  // its probability
  std::optional<RandomBlur> blur;
  std::optional<RandomErasing> erasing;

  bool empty() const;
  // Operations that an image has at most.
  std::size_t most() const;
};

struct ImageSize {
  int width;
  int height;
};

// Appends what is drawn for an image: of `content`, and of `output` what is erased. Numbers are
// taken in the order in which torchvision's v2 transforms take theirs.
void draw_operations(const RandomOperations& options, const ImageSize& content,
                     const ImageSize& output, core::RandomStream& random,
                     std::vector<Operation>& operations);

}  // namespace pixtok::transform
