// Operations of augmentation, with parameters that are given and as they are drawn: what
// torchvision makes of images of Pillow (test/goldens/make_operations.py).

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "kernels/kernel_table.h"
#include "test/check.h"
#include "test/golden_lines.h"
#include "test/transform/golden_images.h"
#include "transform/normalizer.h"
#include "transform/operations/operation.h"
#include "transform/operations/sharpness.h"
#include "transform/operations/warp.h"

namespace {

using namespace pixtok;
using test::GoldenLine;
using transform::Operation;
using transform::OperationKind;

// Numbers and options at a path of a line.
class Part {
 public:
  Part(const GoldenLine& line, std::string path) : line_(line), path_(std::move(path)) {}

  Part at(const std::string& name) const { return {line_, path_ + "." + name}; }
  Part at(std::size_t i) const { return at(std::to_string(i)); }
  bool is_there() const { return line_.has(path_) && text() != "null"; }
  std::string text() const { return line_.text(path_); }
  double number(double otherwise = 0) const { return line_.number(path_, otherwise); }

  // A pair, or one number for both.
  std::array<double, 2> pair(double otherwise = 0) const {
    const double both = at(0).is_there() ? 0 : number(otherwise);
    return {at(0).number(both), at(1).number(both)};
  }
  // A range; one number reaches as far to both sides of the middle.
  transform::Range range(double middle = 0) const {
    if (at(0).is_there()) return {at(0).number(), at(1).number()};
    return {middle - number(), middle + number()};
  }
  std::array<std::uint8_t, 3> colour() const {
    std::array<std::uint8_t, 3> bytes{};
    for (std::size_t i = 0; i < 3; ++i) {
      bytes[i] = static_cast<std::uint8_t>(at(0).is_there() ? at(i).number() : number());
    }
    return bytes;
  }
  transform::Filter filter() const {
    return is_there() ? test::filter_of(text()) : transform::Filter::kNearest;
  }
  std::optional<std::array<double, 2>> center() const {
    if (!is_there()) return std::nullopt;
    return pair();
  }

 private:
  const GoldenLine& line_;
  std::string path_;
};

Operation warp_of(const Part& given, OperationKind kind) {
  transform::Warp warp;
  warp.angle = given.at("angle").number();
  warp.translate_x = given.at("translate").at(0).number();
  warp.translate_y = given.at("translate").at(1).number();
  warp.scale = given.at("scale").number(1);
  warp.shear_x = given.at("shear").at(0).number();
  warp.shear_y = given.at("shear").at(1).number();
  warp.filter = given.at("filter").filter();
  warp.center = given.at("center").center();
  warp.fill = given.at("fill").colour();
  return warp.operation(kind);
}

Operation operation_of(const Part& given) {
  const std::map<std::string, OperationKind> kinds = {
      {"brightness", OperationKind::kBrightness}, {"contrast", OperationKind::kContrast},
      {"saturation", OperationKind::kSaturation}, {"hue", OperationKind::kHue},
      {"grayscale", OperationKind::kGrayscale},   {"sharpness", OperationKind::kSharpness},
      {"posterize", OperationKind::kPosterize},   {"solarize", OperationKind::kSolarize},
      {"invert", OperationKind::kInvert},         {"autocontrast", OperationKind::kAutocontrast},
      {"equalize", OperationKind::kEqualize},     {"gaussianBlur", OperationKind::kGaussianBlur},
      {"rotate", OperationKind::kRotate},         {"affine", OperationKind::kAffine},
      {"erase", OperationKind::kErase},
  };
  const OperationKind kind = kinds.at(given.at("name").text());
  if (kind == OperationKind::kRotate || kind == OperationKind::kAffine) {
    return warp_of(given, kind);
  }
  if (kind == OperationKind::kGaussianBlur) {
    const auto size = given.at("kernelSize").pair();
    const auto sigma = given.at("sigma").pair();
    return transform::Blur{static_cast<int>(size[0]), static_cast<int>(size[1]), sigma[0], sigma[1]}
        .operation();
  }
  if (kind == OperationKind::kErase) {
    const auto place = [&](const char* name) { return static_cast<int>(given.at(name).number()); };
    transform::Erasure erasure{place("top"),   place("left"), place("height"),
                               place("width"), false,         {}};
    for (std::size_t i = 0; i < 3; ++i) erasure.value[i] = given.at("value").at(i).number();
    return erasure.operation();
  }
  double amount = 0;
  for (const char* name : {"factor", "bits", "threshold"}) amount += given.at(name).number();
  return {kind, {amount}};
}

transform::Plan plan_of(const GoldenLine& line) {
  const Part options(line, "options");
  transform::Plan plan =
      test::plan_to(line.integer("options.resize.width"), line.integer("options.resize.height"));
  if (options.at("layout").text() != "hwc") plan.layout = kernels::Layout::kChw;
  if (options.at("type").text() == "uint8") return plan;
  plan.type = kernels::ElementType::kFloat32;
  transform::NormalizerOptions normal;
  for (std::size_t i = 0; i < 3; ++i) {
    normal.mean[i] = options.at("mean").at(i).number();
    normal.std[i] = options.at("std").at(i).number();
  }
  plan.normalizer = transform::build_normalizer(normal, kernels::chosen());
  return plan;
}

// Images in the sizes that lines ask for: each is made once.
class Images {
 public:
  std::optional<std::string> hash_of(const GoldenLine& line, const transform::Plan& plan,
                                     const transform::Region& region) {
    const std::string image = line.text("image");
    if (!region.is_whole() || (plan.augmentation && plan.augmentation->resized_crop)) {
      return worker_.hash_of(image, plan, region);
    }
    const auto [width, height] = std::pair(plan.geometry.width, plan.geometry.height);
    auto& resized = resized_[{image, width, height}];
    if (!resized) resized = worker_.prepared(image, test::plan_to(width, height));
    if (!resized) return std::nullopt;
    return worker_.hash_of_pixels(*resized, width, height, plan, region);
  }

 private:
  using Key = std::tuple<std::string, int, int>;

  test::GoldenWorker worker_;
  std::map<Key, std::optional<std::vector<std::uint8_t>>> resized_;
};

TEST("operations on images are those of torchvision") {
  Images images;
  int checked = 0;
  for (const GoldenLine& line : test::golden_lines("operations.jsonl")) {
    transform::Region region;
    region.flip = line.flag("process.horizontalFlip");
    if (line.has("process.crop")) {
      const auto place = [&](const char* name) {
        return line.integer(std::string("process.crop.") + name);
      };
      region.crop = {place("left"), place("top"), place("width"), place("height")};
    }
    const Part operations(line, "process.operations");
    for (std::size_t i = 0; operations.at(i).is_there(); ++i) {
      region.operations.push_back(operation_of(operations.at(i)));
    }
    test::check_hash(images.hash_of(line, plan_of(line), region), line.text("sha256"), line.json());
    ++checked;
  }
  CHECK(checked > 900);
}

// Pillow 13: Image.transform((1, 40000), AFFINE, (1, 1e-6, 0.48, 0, 1, 0)) of two columns shows the
// second one from row 20000 on; when rows are half as far apart, a step of 1e-6 is none: 16 bits
// are then enough for all places.
TEST("a step is as small as it is where places are too many for a fixed point") {
  constexpr int kLong = 40000;
  constexpr std::uint8_t kFirst = 10;
  constexpr std::uint8_t kSecond = 200;
  core::ScratchBuffer memory;
  core::ScratchBuffer other;
  for (const bool down : {true, false}) {
    const auto source = down ? transform::ByteImage::in(memory, 2, kLong)
                             : transform::ByteImage::in(memory, kLong, 2);
    const auto target = down ? transform::ByteImage::in(other, 1, kLong)
                             : transform::ByteImage::in(other, kLong, 1);
    for (std::size_t i = 0; i < 3 * source.plane_bytes(); ++i) {
      const std::size_t place = i % source.plane_bytes();
      const bool first = down ? place % 2 == 0 : place < kLong;
      source.data[i] = first ? kFirst : kSecond;
    }
    const auto turns_at = [&](const transform::AffineMatrix& matrix) {
      transform::transform_affine(source, matrix, transform::Filter::kNearest, target);
      CHECK(target.data[0] == kFirst);
      return std::find(target.data, target.data + kLong, kSecond) - target.data;
    };
    if (down) {
      CHECK(turns_at({1, 1e-6, 0.48, 0, 1, 0}) == 20000);
      CHECK(turns_at({1, 1e-6, 0.48, 0, 0.5, 0}) == kLong);
    } else {
      CHECK(turns_at({1, 0, 0, 1e-6, 1, 0.48}) == 20000);
      CHECK(turns_at({0.5, 0, 0, 1e-6, 1, 0.48}) == kLong);
    }
  }
}

// Pillow 13: ImageEnhance.Sharpness(image).enhance(0.5).
TEST(
    "an image of three pixels a side has one inside that is made smoother, and a smaller one "
    "none") {
  const std::array<std::uint8_t, 9> values = {10, 20, 30, 40, 200, 60, 70, 80, 90};
  core::ScratchBuffer memory;
  core::ScratchBuffer rows;
  for (const auto& [width, height] : {std::pair(3, 3), std::pair(2, 3), std::pair(3, 2)}) {
    const auto image = transform::ByteImage::in(memory, width, height);
    const std::size_t bytes = image.plane_bytes();
    for (int channel = 0; channel < 3; ++channel) {
      std::copy_n(values.begin(), bytes, image.plane(channel));
    }
    transform::change_sharpness(image, 0.5, rows);
    for (int channel = 0; channel < 3; ++channel) {
      auto expected = values;
      if (bytes == values.size()) expected[4] = 154;
      CHECK(std::equal(image.plane(channel), image.plane(channel) + bytes, expected.begin()));
    }
  }
}

transform::RandomWarp random_warp_of(const Part& given) {
  transform::RandomWarp warp;
  warp.degrees = given.at("degrees").range();
  if (given.at("translate").is_there()) warp.translate = given.at("translate").pair();
  if (given.at("scale").is_there()) warp.scale = given.at("scale").range();
  const Part shear = given.at("shear");
  if (shear.is_there()) warp.shear_x = shear.range();
  if (shear.at(2).is_there()) {
    warp.shear_y = transform::Range{shear.at(2).number(), shear.at(3).number()};
  }
  warp.filter = given.at("filter").filter();
  warp.center = given.at("center").center();
  warp.fill = given.at("fill").colour();
  return warp;
}

std::optional<transform::RandomPolicy> random_policy_of(const Part& augmentation) {
  using Kind = transform::PolicyKind;
  transform::RandomPolicy policy;
  std::optional<Part> given;
  for (const auto& [name, kind] :
       {std::pair("randAugment", Kind::kRand), std::pair("trivialAugment", Kind::kTrivial),
        std::pair("autoAugment", Kind::kImagenet)}) {
    if (!augmentation.at(name).is_there()) continue;
    given.emplace(augmentation.at(name));
    policy.kind = kind;
  }
  if (!given) return std::nullopt;
  if (given->at("policy").text() == "cifar10") policy.kind = Kind::kCifar10;
  if (given->at("policy").text() == "svhn") policy.kind = Kind::kSvhn;
  policy.operations = static_cast<int>(given->at("numOps").number(2));
  policy.magnitude = static_cast<int>(given->at("magnitude").number(9));
  policy.bins = static_cast<int>(given->at("numMagnitudeBins").number(31));
  policy.filter = given->at("filter").filter();
  policy.fill = given->at("fill").colour();
  return policy;
}

transform::Augmentation augmentation_of(const GoldenLine& line) {
  const Part given(line, "augmentation");
  transform::Augmentation augmentation;
  augmentation.flip_probability = given.at("horizontalFlip").number();
  if (const Part crop = given.at("randomResizedCrop"); crop.is_there()) {
    const transform::Range scale = crop.at("scale").range();
    augmentation.resized_crop.emplace();
    augmentation.resized_crop->least_scale = scale.least;
    augmentation.resized_crop->most_scale = scale.most;
  }
  transform::RandomOperations& operations = augmentation.operations;
  if (const Part warp = given.at("randomRotation"); warp.is_there()) {
    operations.rotation = random_warp_of(warp);
  }
  if (const Part warp = given.at("randomAffine"); warp.is_there()) {
    operations.affine = random_warp_of(warp);
  }
  operations.policy = random_policy_of(given);
  if (const Part jitter = given.at("colorJitter"); jitter.is_there()) {
    operations.jitter.emplace();
    operations.jitter->probability = jitter.at("probability").number(1);
    const char* const names[] = {"brightness", "contrast", "saturation", "hue"};
    for (std::size_t i = 0; i < 4; ++i) {
      const Part factor = jitter.at(names[i]);
      if (factor.is_there()) operations.jitter->factors[i] = factor.range(i < 3 ? 1 : 0);
    }
  }
  if (given.at("randomGrayscale").is_there()) {
    operations.grayscale = given.at("randomGrayscale").number();
  }
  if (const Part blur = given.at("gaussianBlur"); blur.is_there()) {
    operations.blur.emplace();
    operations.blur->probability = blur.at("probability").number(1);
    const auto size = blur.at("kernelSize").pair();
    operations.blur->kernel_width = static_cast<int>(size[0]);
    operations.blur->kernel_height = static_cast<int>(size[1]);
    if (blur.at("sigma").is_there()) operations.blur->sigma = blur.at("sigma").range();
  }
  if (const Part erasing = given.at("randomErasing"); erasing.is_there()) {
    operations.erasing.emplace();
    operations.erasing->probability = erasing.at("probability").number(0.5);
    if (erasing.at("scale").is_there()) operations.erasing->scale = erasing.at("scale").range();
    if (erasing.at("ratio").is_there()) operations.erasing->ratio = erasing.at("ratio").range();
    const Part value = erasing.at("value");
    for (std::size_t i = 0; i < 3; ++i) {
      operations.erasing->value[i] = value.at(0).is_there() ? value.at(i).number() : value.number();
    }
  }
  return augmentation;
}

TEST("recipes of augmentation draw and do what torchvision's do") {
  Images images;
  int checked = 0;
  for (const GoldenLine& line : test::golden_lines("recipes.jsonl")) {
    transform::Plan plan = plan_of(line);
    plan.augmentation = augmentation_of(line);
    transform::Region region;
    region.key = {static_cast<std::uint64_t>(line.number("seed")),
                  static_cast<std::uint64_t>(line.number("epoch")),
                  static_cast<std::uint64_t>(line.number("index"))};
    test::check_hash(images.hash_of(line, plan, region), line.text("sha256"), line.json());
    ++checked;
  }
  CHECK(checked > 500);
}

TEST("an image has no more operations than a recipe can draw") {
  std::size_t most_drawn = 0;
  for (const GoldenLine& line : test::golden_lines("recipes.jsonl")) {
    const transform::Augmentation augmentation = augmentation_of(line);
    const Part called(line, "operations");
    std::size_t drawn = 0;
    while (called.at(drawn).is_there()) ++drawn;
    CHECK(drawn <= augmentation.operations.most());
    CHECK(!augmentation.operations.empty());
    most_drawn = std::max(most_drawn, drawn);
  }
  CHECK(most_drawn >= 8);
  CHECK(transform::RandomOperations{}.empty());
}

}  // namespace
