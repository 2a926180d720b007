// What AutoAugment draws, by the pairs that torchvision has (policies.jsonl of make_operations.py).

#include "transform/operations/policy.h"

#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/random_stream.h"
#include "test/check.h"
#include "test/golden_lines.h"

namespace {

using namespace pixtok;
using test::GoldenLine;
using transform::Operation;
using transform::OperationKind;
using transform::PolicyKind;

constexpr transform::ImageSize kSize = {400, 300};  // as in policies.jsonl
constexpr int kDrawn = 4000;                        // 160 of each pair

struct Step {
  std::string name;
  double probability;
  double magnitude;
  bool is_signed;
};
using Pair = std::vector<Step>;

std::vector<Pair> pairs_of(const std::string& policy) {
  std::vector<Pair> pairs;
  for (const GoldenLine& line : test::golden_lines("policies.jsonl")) {
    if (line.text("policy") != policy) continue;
    Pair pair;
    for (const std::string at : {"steps.0.", "steps.1."}) {
      pair.push_back({line.text(at + "name"), line.number(at + "probability"),
                      line.number(at + "magnitude"), line.flag(at + "signed")});
    }
    pairs.push_back(pair);
  }
  return pairs;
}

bool is_near(double one, double other) { return std::abs(one - other) < 1e-9; }

// torchvision's _apply_image_or_video_transform
bool is_step(const Operation& operation, const std::string& name, double magnitude) {
  const std::map<std::string, OperationKind> of_amounts = {
      {"Brightness", OperationKind::kBrightness},
      {"Color", OperationKind::kSaturation},
      {"Contrast", OperationKind::kContrast},
      {"Sharpness", OperationKind::kSharpness},
      {"Posterize", OperationKind::kPosterize},
      {"Solarize", OperationKind::kSolarize},
      {"AutoContrast", OperationKind::kAutocontrast},
      {"Equalize", OperationKind::kEqualize},
      {"Invert", OperationKind::kInvert}};
  const auto found = of_amounts.find(name);
  if (found != of_amounts.end()) {
    double amount = 1 + magnitude;
    if (name == "Posterize") amount = magnitude;
    if (name == "Solarize") amount = 255 * magnitude;
    const bool has_amount = name != "AutoContrast" && name != "Equalize" && name != "Invert";
    return operation.kind == found->second && (!has_amount || is_near(operation.amount(), amount));
  }
  const transform::Warp warp = transform::Warp::of(operation);
  if (name == "Rotate") return operation.kind == OperationKind::kRotate && warp.angle == magnitude;
  const auto is_tangent = [](double degrees, double expected) {
    return is_near(std::tan(degrees * std::acos(-1.0) / 180), expected);
  };
  const bool sheared = name == "ShearX" || name == "ShearY";
  return operation.kind == OperationKind::kAffine && warp.center.has_value() == sheared &&
         is_tangent(warp.shear_x, name == "ShearX" ? magnitude : 0) &&
         is_tangent(warp.shear_y, name == "ShearY" ? magnitude : 0) &&
         warp.translate_x == (name == "TranslateX" ? std::trunc(magnitude) : 0) &&
         warp.translate_y == (name == "TranslateY" ? std::trunc(magnitude) : 0);
}

TEST("AutoAugment draws torchvision's pairs, each step by its probability, as strong, either way") {
  for (const auto& [policy, kind] : std::map<std::string, PolicyKind>{
           {"imagenet", PolicyKind::kImagenet},
           {"cifar10", PolicyKind::kCifar10},
           {"svhn", PolicyKind::kSvhn},
       }) {
    const std::vector<Pair> pairs = pairs_of(policy);
    CHECK(pairs.size() == 25);
    transform::RandomPolicy drawn;
    drawn.kind = kind;
    for (std::uint64_t index = 0; index < kDrawn; ++index) {
      const core::RandomKey key{1, 2, index};
      core::RandomStream ours(key);
      std::vector<Operation> operations;
      transform::draw_policy(drawn, kSize, ours, operations);
      core::RandomStream random(key);
      std::size_t done = 0;
      for (const Step& step : pairs[static_cast<std::size_t>(random.below(25))]) {
        if (random.uniform() > step.probability) continue;
        const bool negative = step.is_signed && random.uniform() <= 0.5;
        const double magnitude = negative ? -step.magnitude : step.magnitude;
        CHECK(done < operations.size() && is_step(operations[done], step.name, magnitude));
        ++done;
      }
      CHECK(done == operations.size() && ours.uniform() == random.uniform());
    }
  }
}

TEST("a policy draws at most the steps of a pair, RandAugment's number, or TrivialAugment's one") {
  transform::RandomPolicy policy;
  policy.operations = 5;
  policy.kind = PolicyKind::kRand;
  CHECK(transform::most_operations(policy) == 5);
  policy.kind = PolicyKind::kTrivial;
  CHECK(transform::most_operations(policy) == 1);
  for (const auto kind : {PolicyKind::kImagenet, PolicyKind::kCifar10, PolicyKind::kSvhn}) {
    policy.kind = kind;
    CHECK(transform::most_operations(policy) == pairs_of("imagenet").front().size());
  }
}

}  // namespace
