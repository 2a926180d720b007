// What is drawn, by its distribution; each single draw is held against torchvision's by the
// goldens, through the public interface. Fixed keys: the limits are those of a chi-square at p =
// 0.001, which a correct generator of other numbers would pass as well.

#include "transform/augmentation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <utility>
#include <vector>

#include "kernels/kernel_table.h"
#include "test/check.h"
#include "transform/batch_job.h"

namespace {

using namespace pixtok;

transform::Region drawn(const transform::Augmentation& augmentation, int width, int height,
                        const core::RandomKey& key) {
  transform::Region region;
  region.key = key;
  CHECK(transform::draw(augmentation, transform::Geometry{}, width, height, region).ok());
  return region;
}

// Nothing is resized: what is taken is a part of this size.
transform::Geometry cropped_to(int width, int height) {
  transform::Geometry geometry;
  geometry.resize = transform::ResizeMode::kNone;
  geometry.center_crop = true;
  geometry.crop_width = geometry.output_width = width;
  geometry.crop_height = geometry.output_height = height;
  return geometry;
}

transform::Augmentation resized_crops(double least_scale, double most_scale, double least_ratio,
                                      double most_ratio) {
  transform::Augmentation augmentation;
  augmentation.resized_crop = {least_scale, most_scale, least_ratio, most_ratio};
  return augmentation;
}

// How far counts are from being equal; `bin` gives the bin of the i-th of `draws`.
double chi_square(std::size_t bins, int draws, const std::function<std::size_t(int)>& bin) {
  std::vector<int> counts(bins);
  for (int i = 0; i < draws; ++i) ++counts.at(bin(i));
  const double expected = static_cast<double>(draws) / static_cast<double>(bins);
  double sum = 0;
  for (const int count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

core::RandomKey key_of_index(int index) { return {11, 4, static_cast<std::uint64_t>(index)}; }

TEST("crops lie inside the image and keep to scale and ratio but for rounding") {
  const transform::Augmentation augmentation = resized_crops(0.2, 0.5, 0.5, 1.5);
  for (int i = 0; i < 20000; ++i) {
    const int width = 400 + i % 211;
    const int height = 300 + i % 173;
    const transform::PixelRect crop = drawn(augmentation, width, height, key_of_index(i)).crop;
    CHECK(!crop.empty() && crop.is_inside(width, height));
    const double border = 0.5 * (crop.width + crop.height) + 0.25;  // half a pixel on each side
    const double area = static_cast<double>(crop.width) * crop.height;
    CHECK(area >= 0.2 * width * height - border && area <= 0.5 * width * height + border);
    CHECK((crop.width + 0.5) / (crop.height - 0.5) >= 0.5);
    CHECK((crop.width - 0.5) / (crop.height + 0.5) <= 1.5);
  }
}

TEST("a ratio that no attempt meets gives the largest part in the middle") {
  const transform::Augmentation augmentation = resized_crops(1, 1, 0.5, 2);
  const auto crop_of = [&](int width, int height) {
    return drawn(augmentation, width, height, {}).crop;
  };
  const transform::PixelRect wide = crop_of(101, 10);
  CHECK(wide.left == 40 && wide.top == 0 && wide.width == 20 && wide.height == 10);
  const transform::PixelRect tall = crop_of(10, 101);
  CHECK(tall.left == 0 && tall.top == 40 && tall.width == 10 && tall.height == 20);
}

TEST("an image without a part of a possible ratio does not fit") {
  transform::Region region;
  const transform::Augmentation augmentation = resized_crops(0.08, 1, 5, 10);
  const core::Status status = transform::draw(augmentation, transform::Geometry{}, 1, 40, region);
  CHECK(status.code == core::StatusCode::kDoesNotFit);
}

TEST("areas are uniform") {
  const transform::Augmentation augmentation = resized_crops(0.2, 0.8, 1, 1);
  constexpr int kSide = 4000;
  const double sum = chi_square(20, 40000, [&](int i) {
    const double side = drawn(augmentation, kSide, kSide, key_of_index(i)).crop.width;
    const double scale = side * side / kSide / kSide;
    return static_cast<std::size_t>(std::min(19.0, std::max(0.0, (scale - 0.2) / 0.6 * 20)));
  });
  CHECK(sum < 43.8);  // 19 degrees of freedom
}

TEST("ratios are uniform on a logarithmic scale") {
  const transform::Augmentation augmentation = resized_crops(0.1, 0.1, 0.25, 4);
  const double sum = chi_square(20, 40000, [&](int i) {
    const transform::PixelRect crop = drawn(augmentation, 4000, 4000, key_of_index(i)).crop;
    const double log = std::log(static_cast<double>(crop.width) / crop.height) / std::log(4.0);
    return static_cast<std::size_t>(std::min(19.0, std::max(0.0, (log + 1) / 2 * 20)));
  });
  CHECK(sum < 43.8);  // 19 degrees of freedom
}

// 11 places in each direction for a crop of 10 x 10.
const transform::Augmentation quarter = resized_crops(0.25, 0.25, 1, 1);
constexpr int kPlaces = 11;

TEST("every place is as likely as any other") {
  const double sum = chi_square(kPlaces * kPlaces, 60000, [&](int i) {
    const transform::PixelRect crop = drawn(quarter, 20, 20, key_of_index(i)).crop;
    return static_cast<std::size_t>(crop.top * kPlaces + crop.left);
  });
  CHECK(sum < 173.6);  // 120 degrees of freedom
}

TEST("places in one epoch tell nothing of the next, nor those of a seed of the next") {
  const auto place = [](const core::RandomKey& key) {
    return drawn(quarter, 20, 20, key).crop.left;
  };
  const double epochs = chi_square(kPlaces * kPlaces, 60000, [&](int i) {
    const auto index = static_cast<std::uint64_t>(i);
    return static_cast<std::size_t>(place({5, 8, index}) * kPlaces + place({5, 9, index}));
  });
  const double seeds = chi_square(kPlaces * kPlaces, 60000, [&](int i) {
    const auto index = static_cast<std::uint64_t>(i);
    return static_cast<std::size_t>(place({5, 8, index}) * kPlaces + place({6, 8, index}));
  });
  CHECK(epochs < 173.6 && seeds < 173.6);  // 120 degrees of freedom
}

TEST("a flip has its probability, whatever the place") {
  transform::Augmentation augmentation = quarter;
  augmentation.flip_probability = 0.25;
  // four bins of the same probability: flipped, and three by which of 9 columns the crop is at
  const double sum = chi_square(4, 40000, [&](int i) {
    const transform::Region region = drawn(augmentation, 16, 16, key_of_index(i));
    return static_cast<std::size_t>(region.flip ? 3 : region.crop.left % 3);
  });
  CHECK(sum < 16.3);  // 3 degrees of freedom
  augmentation.flip_probability = 0;
  for (int i = 0; i < 1000; ++i) CHECK(!drawn(augmentation, 9, 9, key_of_index(i)).flip);
  augmentation.flip_probability = 1;
  for (int i = 0; i < 1000; ++i) CHECK(drawn(augmentation, 9, 9, key_of_index(i)).flip);
}

TEST("a random crop's window is every place of the padded image equally often") {
  transform::Augmentation augmentation;
  augmentation.crop = {1, 2, 3, 4, false, {}};
  const transform::Geometry geometry = cropped_to(10, 9);
  const auto window = [&](int i) {
    transform::Region region;
    region.key = key_of_index(i);
    CHECK(transform::draw(augmentation, geometry, 12, 11, region).ok());
    return *region.window;
  };
  // 12 + 1 + 3 - 10 + 1 columns from -1 on, 11 + 2 + 4 - 9 + 1 rows from -2 on
  const double sum = chi_square(7 * 9, 60000, [&](int i) {
    return static_cast<std::size_t>((window(i).top + 2) * 7 + window(i).left + 1);
  });
  CHECK(sum < 102.2);  // 62 degrees of freedom
}

TEST("a random crop as wide as the padded image, or as high, has a place on the other axis") {
  transform::Augmentation augmentation;
  augmentation.crop = {0, 0, 0, 0, false, {}};
  const transform::Geometry geometry = cropped_to(4, 4);
  for (const auto& [width, height] : {std::pair<int, int>{4, 6}, std::pair<int, int>{6, 4}}) {
    std::array<int, 3> counts{};
    for (int i = 0; i < 100; ++i) {
      transform::Region region;
      region.key = key_of_index(i);
      CHECK(transform::draw(augmentation, geometry, width, height, region).ok());
      CHECK((width == 4 ? region.window->left : region.window->top) == 0);
      ++counts.at(static_cast<std::size_t>(width == 4 ? region.window->top : region.window->left));
    }
    for (const int count : counts) CHECK(count > 10);
  }
}

TEST("an image that is smaller than a random crop on one axis does not fit") {
  transform::Augmentation augmentation;
  augmentation.crop = {1, 1, 0, 0, false, {}};
  const transform::Geometry geometry = cropped_to(4, 4);
  const auto code_of = [&](int width, int height) {
    transform::Region region;
    return transform::draw(augmentation, geometry, width, height, region).code;
  };
  CHECK(code_of(3, 3) == core::StatusCode::kOk);
  CHECK(code_of(3, 2) == core::StatusCode::kDoesNotFit);
  CHECK(code_of(2, 3) == core::StatusCode::kDoesNotFit);
}

TEST("what is drawn takes the place of operations that a region had") {
  transform::Region region;
  region.operations.push_back({transform::OperationKind::kInvert, {}});
  CHECK(transform::draw({}, transform::Geometry{}, 9, 9, region).ok());
  CHECK(region.operations.empty());
}

TEST("operations are drawn for the size of what is cropped, not of what it is cropped from") {
  transform::Augmentation augmentation;
  augmentation.operations.affine.emplace().translate = {1.0, 1.0};
  transform::Geometry geometry;
  geometry.width = 60;
  geometry.height = 40;
  geometry.center_crop = true;
  geometry.crop_width = geometry.output_width = 9;
  geometry.crop_height = geometry.output_height = 6;
  double most_x = 0;
  double most_y = 0;
  for (int i = 0; i < 100; ++i) {
    transform::Region region;
    region.key = key_of_index(i);
    CHECK(transform::draw(augmentation, geometry, 30, 20, region).ok());
    const transform::Warp warp = transform::Warp::of(region.operations.at(0));
    most_x = std::max(most_x, std::abs(warp.translate_x));
    most_y = std::max(most_y, std::abs(warp.translate_y));
  }
  CHECK(most_x == 9 && most_y == 6);
}

TEST("the number of threads changes nothing that is drawn") {
  constexpr std::size_t kRows = 200;
  constexpr int kSide = 31;
  const std::vector<std::uint8_t> pixels(3 * kSide * kSide, 7);
  auto plan = std::make_shared<transform::Plan>();
  plan->geometry.width = plan->geometry.output_width = 4;
  plan->geometry.height = plan->geometry.output_height = 4;
  plan->type = kernels::ElementType::kUint8;
  plan->augmentation = resized_crops(0.08, 1, 0.75, 4.0 / 3.0);
  plan->augmentation->flip_probability = 0.5;

  const auto crops_on = [&](std::size_t threads) {
    std::vector<std::unique_ptr<transform::ImageWorker>> workers;
    for (std::size_t i = 0; i < threads; ++i) {
      workers.push_back(std::make_unique<transform::ImageWorker>(
          *kernels::supported_tables().back(), std::nullopt));
    }
    std::vector<transform::Sample> samples(kRows);
    for (std::size_t row = 0; row < kRows; ++row) {
      transform::RawSample raw{};
      raw.pixels.data = pixels.data();
      raw.pixels.width = raw.pixels.height = kSide;
      raw.orientation = 1;
      samples[row].image = std::move(raw);
      samples[row].region.key = {1, 2, row};
    }
    std::vector<std::uint8_t> target(kRows * plan->slot_bytes());
    std::promise<void> finished;
    const auto job = std::make_shared<transform::BatchJob>(
        plan, std::move(samples), target.data(), workers,
        [&finished](transform::BatchJob&) { finished.set_value(); });
    core::ThreadPool pool(threads);
    pool.submit(job);
    finished.get_future().wait();
    std::vector<int> crops;
    for (const transform::Sample& sample : job->samples()) {
      const transform::PixelRect& crop = sample.region.crop;
      for (const int number : {crop.left, crop.top, crop.width, crop.height}) {
        crops.push_back(number);
      }
      crops.push_back(sample.region.flip ? 1 : 0);
    }
    return crops;
  };
  CHECK(crops_on(1) == crops_on(4));
}

// Ten attempts at four times the image fail; the largest part in the middle that keeps to the
// ratios has round(5 / 2) rows or columns, which is 2 in Python.
TEST("halves of a size are rounded to even") {
  const transform::Region high = drawn(resized_crops(4, 4, 2, 3), 5, 10, {});
  CHECK(high.crop.width == 5 && high.crop.height == 2);
  const transform::Region wide = drawn(resized_crops(4, 4, 0.25, 0.5), 10, 5, {});
  CHECK(wide.crop.width == 2 && wide.crop.height == 5);
}

}  // namespace
