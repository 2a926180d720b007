// JPEG files through the whole core against what Pillow, torchvision and torch made of them. The
// conformance suite holds all goldens, through the public interface.

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "kernels/kernel_table.h"
#include "test/check.h"
#include "test/golden_lines.h"
#include "test/transform/golden_images.h"
#include "transform/normalizer.h"

namespace {

using namespace pixtok;
using test::check_hash;
using test::filter_of;
using test::GoldenLine;
using test::GoldenWorker;
using test::is_decoded;
using test::plan_to;

// The options of an image processor. Nothing where they have what is not read here.
std::optional<transform::Plan> plan_of(const GoldenLine& line) {
  const std::string start = "options.";
  if (line.text(start + "type") != "uint8") return std::nullopt;
  transform::Plan plan =
      plan_to(line.integer(start + "resize.width"), line.integer(start + "resize.height"));
  transform::Geometry& geometry = plan.geometry;
  geometry.shortest = line.integer(start + "resize.shortestEdge");
  geometry.longest = line.integer(start + "resize.longestEdge");
  if (line.has(start + "resize.shortestEdge")) {
    geometry.resize = transform::ResizeMode::kShortestEdge;
  } else if (line.has(start + "resize.longestEdge")) {
    geometry.resize = transform::ResizeMode::kLongestEdge;
  } else if (line.text(start + "resize") == "null") {
    geometry.resize = transform::ResizeMode::kNone;
  } else if (!line.has(start + "resize.width")) {
    return std::nullopt;
  }
  if (line.has(start + "centerCrop")) {
    const int side = line.integer(start + "centerCrop");
    geometry.center_crop = true;
    geometry.crop_width = line.integer(start + "centerCrop.width", side);
    geometry.crop_height = line.integer(start + "centerCrop.height", side);
    geometry.output_width = geometry.crop_width;
    geometry.output_height = geometry.crop_height;
  }
  plan.filter = filter_of(line.text(start + "filter"));
  plan.exif_orientation = line.flag(start + "exifOrientation");
  return plan;
}

transform::Region region_of(const GoldenLine& line) {
  transform::Region region;
  const auto place = [&line](const char* path) { return line.integer(path); };
  if (line.has("process.crop")) {
    region.crop = {place("process.crop.left"), place("process.crop.top"),
                   place("process.crop.width"), place("process.crop.height")};
  }
  if (line.has("process.box")) {
    region.left = static_cast<float>(line.number("process.box.0"));
    region.top = static_cast<float>(line.number("process.box.1"));
    region.right = static_cast<float>(line.number("process.box.2"));
    region.bottom = static_cast<float>(line.number("process.box.3"));
  }
  if (line.has("process.window")) {
    transform::Window& window = region.window.emplace();
    window.left = place("process.window.left");
    window.top = place("process.window.top");
    const int grey = place("process.window.fill");
    for (std::size_t i = 0; i < 3; ++i) {
      const std::string path = "process.window.fill." + std::to_string(i);
      window.fill[i] = static_cast<std::uint8_t>(line.integer(path, grey));
    }
  }
  region.flip = line.flag("process.horizontalFlip");
  return region;
}

TEST("SHA-256 gives the examples of its standard") {
  CHECK(test::sha256("abc", 3) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(test::sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

void check_resampled(const std::string& goldens, transform::Resampler resampler) {
  GoldenWorker worker;
  for (const GoldenLine& line : test::golden_lines(goldens)) {
    if (!is_decoded(line)) continue;
    transform::Plan plan = plan_to(line.integer("width"), line.integer("height"));
    plan.filter = filter_of(line.text("filter"));
    plan.resampler = resampler;
    check_hash(worker.hash_of("images/" + line.text("image"), plan), line.text("resized"),
               line.json());
  }
}

TEST("images are resized as by Pillow 13") {
  check_resampled("resample.jsonl", transform::Resampler::kPillow13);
}

TEST("images are resized as by Pillow 12") {
  check_resampled("resample.pillow12.jsonl", transform::Resampler::kPillow12);
}

TEST("images are resized as tensors by torch") {
  check_resampled("resample.torch.jsonl", transform::Resampler::kTorch);
}

TEST("images are shrunk while they are decoded as by Pillow's draft") {
  GoldenWorker worker;
  for (const GoldenLine& line : test::golden_lines("draft.jsonl")) {
    if (!is_decoded(line)) continue;
    transform::Plan plan = plan_to(line.integer("width"), line.integer("height"));
    plan.fast_decode = true;
    check_hash(worker.hash_of("images/" + line.text("image"), plan), line.text("resized"),
               line.json());
  }
}

TEST("images become the tensors of torchvision") {
  GoldenWorker worker;
  for (const GoldenLine& line : test::golden_lines("imagenet224.jsonl")) {
    if (!is_decoded(line)) continue;
    const std::string image = "images/" + line.text("image");
    check_hash(worker.hash_of(image, plan_to(line.integer("width"), line.integer("height"))),
               line.text("rgb"), line.json());
    transform::Plan plan;
    transform::NormalizerOptions options;
    options.mean = {0.485, 0.456, 0.406};
    options.std = {0.229, 0.224, 0.225};
    plan.normalizer = transform::build_normalizer(options, kernels::chosen());
    check_hash(worker.hash_of(image, plan), line.text("tensor"), line.json());
  }
}

void check_parts(const std::string& goldens) {
  GoldenWorker worker;
  int checked = 0;
  for (const GoldenLine& line : test::golden_lines(goldens)) {
    const std::optional<transform::Plan> plan = plan_of(line);
    if (!is_decoded(line) || !plan) continue;
    check_hash(worker.hash_of(line.text("image"), *plan, region_of(line)), line.text("sha256"),
               line.json());
    ++checked;
  }
  CHECK(checked > 300);
}

TEST("sizes, boxes, orientations and flips are those of Pillow and torchvision") {
  check_parts("geometry.jsonl");
}

TEST("crops and windows are those of torchvision") { check_parts("augmentation.jsonl"); }

transform::Augmentation augmentation_of(const GoldenLine& line) {
  transform::Augmentation augmentation;
  const std::string resized = "augmentation.randomResizedCrop";
  if (line.has(resized)) {
    transform::RandomResizedCrop& crop = augmentation.resized_crop.emplace();
    crop.least_scale = line.number(resized + ".scale.0", crop.least_scale);
    crop.most_scale = line.number(resized + ".scale.1", crop.most_scale);
    crop.least_ratio = line.number(resized + ".ratio.0", crop.least_ratio);
    crop.most_ratio = line.number(resized + ".ratio.1", crop.most_ratio);
  }
  const std::string plain = "augmentation.randomCrop";
  if (line.has(plain)) {
    transform::RandomCrop& crop = augmentation.crop.emplace();
    // one number for all sides, one for each axis, or one for each side
    const int all = line.integer(plain + ".padding");
    crop.padding_left = line.integer(plain + ".padding.0", all);
    crop.padding_top = line.integer(plain + ".padding.1", all);
    crop.padding_right = line.integer(plain + ".padding.2", crop.padding_left);
    crop.padding_bottom = line.integer(plain + ".padding.3", crop.padding_top);
    crop.pad_if_needed = line.flag(plain + ".padIfNeeded");
  }
  augmentation.flip_probability = line.number("augmentation.horizontalFlip");
  return augmentation;
}

TEST("what is drawn for an image is what torchvision draws") {
  for (const GoldenLine& line : test::golden_lines("draws.jsonl")) {
    if (!line.has("image.0")) continue;
    const std::optional<transform::Plan> plan = plan_of(line);
    CHECK(plan.has_value());
    if (!plan) continue;
    transform::Region region;
    region.key = {static_cast<std::uint64_t>(line.number("seed")),
                  static_cast<std::uint64_t>(line.number("epoch")),
                  static_cast<std::uint64_t>(line.number("index"))};
    transform::Geometry geometry = plan->geometry;
    if (line.has("augmentation.randomCrop") && !geometry.center_crop) {
      geometry.center_crop = true;
      geometry.crop_width = geometry.width;
      geometry.crop_height = geometry.height;
    }
    const core::Status status = transform::draw(
        augmentation_of(line), geometry, line.integer("image.0"), line.integer("image.1"), region);
    const transform::PixelRect shown = transform::shown_part(region, geometry);
    const std::array<int, 5> drawn = {shown.top, shown.left, shown.height, shown.width,
                                      region.flip ? 1 : 0};
    bool same = status.ok();
    for (std::size_t i = 0; i < drawn.size(); ++i) {
      same = same && drawn[i] == line.integer("drawn." + std::to_string(i));
    }
    if (!same) test::fail(__FILE__, __LINE__, line.json());
  }
}

TEST("bytes become the numbers of torchvision and of Hugging Face's processors") {
  for (const GoldenLine& line : test::golden_lines("normalize.jsonl")) {
    transform::NormalizerOptions options;
    if (line.text("convention") == "huggingface") {
      options.arithmetic = transform::RescaleArithmetic::kHuggingFace;
      options.rescale_factor = line.number("rescale_factor");
    }
    for (std::size_t i = 0; i < 3; ++i) {
      options.mean[i] = line.number("mean." + std::to_string(i));
      options.std[i] = line.number("std." + std::to_string(i));
    }
    const kernels::Normalizer normalizer = transform::build_normalizer(options, kernels::chosen());
    for (std::size_t i = 0; i < 3; ++i) {
      check_hash(test::sha256(&normalizer.table[i][0], 256 * sizeof(float)),
                 line.text("sha256." + std::to_string(i)), line.json());
    }
  }
}

}  // namespace
