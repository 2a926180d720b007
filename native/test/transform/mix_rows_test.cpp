// Rows that are mixed: torchvision's results (test/goldens/make_mixes.py), and the distributions
// that its MixUp and CutMix draw from.

#include "transform/mix_rows.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/random_stream.h"
#include "kernels/kernel_table.h"
#include "test/check.h"
#include "test/golden_lines.h"
#include "transform/normalizer.h"

namespace {

using namespace pixtok;
using kernels::Layout;
using transform::MixedRow;
using transform::RandomMix;

constexpr int kWidth = 14;
constexpr int kHeight = 11;
constexpr std::size_t kPixels = std::size_t{kWidth} * kHeight;
constexpr std::size_t kRowValues = 3 * kPixels;

// Place of a value of a row by its place where channels are interleaved.
std::size_t place_of(std::size_t interleaved, Layout layout) {
  return layout == Layout::kHwc ? interleaved : interleaved % 3 * kPixels + interleaved / 3;
}

// Row i has the bytes (k * k * 3 + i * 41) % 256, normalized as by the standard preset.
std::vector<float> batch_of(std::size_t rows, Layout layout) {
  transform::NormalizerOptions options;
  options.mean = {0.485, 0.456, 0.406};
  options.std = {0.229, 0.224, 0.225};
  const auto normalizer =
      transform::build_normalizer(options, *kernels::supported_tables().front());
  std::vector<float> values(rows * kRowValues);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t k = 0; k < kRowValues; ++k) {
      const std::size_t byte = (k * k * 3 + row * 41) % 256;
      values[row * kRowValues + place_of(k, layout)] = normalizer.table[k % 3][byte];
    }
  }
  return values;
}

std::string hash_of_row(const std::vector<float>& values, std::size_t row, Layout layout) {
  std::vector<float> planes(kRowValues);
  for (std::size_t k = 0; k < kRowValues; ++k) {
    planes[place_of(k, Layout::kChw)] = values[row * kRowValues + place_of(k, layout)];
  }
  return test::sha256(planes.data(), planes.size() * sizeof(float));
}

TEST("rows are mixed with the row before them, as torchvision does it") {
  const std::vector<test::GoldenLine> lines = test::golden_lines("mixes.jsonl");
  std::vector<MixedRow> mixes;
  for (const test::GoldenLine& line : lines) {
    MixedRow mix;
    mix.share = line.number("mixed.share");
    mix.is_cut = line.text("mixed.name") == "cutMix";
    mix.part = {line.integer("mixed.part.left"), line.integer("mixed.part.top"),
                line.integer("mixed.part.width"), line.integer("mixed.part.height")};
    mixes.push_back(mix);
  }
  CHECK(mixes.size() == 8);
  if (mixes.empty()) return;
  for (const Layout layout : {Layout::kChw, Layout::kHwc}) {
    std::vector<float> values = batch_of(mixes.size(), layout);
    transform::mix_rows({values.data(), kWidth, kHeight, layout}, mixes);
    for (std::size_t row = 0; row < mixes.size(); ++row) {
      CHECK(hash_of_row(values, row, layout) == lines[row].text("sha256"));
    }
  }
}

MixedRow drawn(const RandomMix& options, std::uint64_t index) {
  return transform::draw_mix(options, {5, 2, index}, kWidth, kHeight);
}

// The largest distance between the distribution of some numbers and the one that is meant.
template <typename Distribution>
double distance_from(std::vector<double> numbers, const Distribution& distribution) {
  std::sort(numbers.begin(), numbers.end());
  const double count = static_cast<double>(numbers.size());
  double distance = 0.0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const double meant = distribution(numbers[i]);
    distance = std::max({distance, meant - static_cast<double>(i) / count,
                         static_cast<double>(i + 1) / count - meant});
  }
  return distance;
}

// Those of Beta(alpha, alpha) that have a distribution in closed form.
TEST("shares are of the beta distribution that is asked for") {
  constexpr std::size_t kDrawn = 3000;
  // Kolmogorov's bound at 1 %; the same numbers are drawn each time.
  const double bound = 1.63 / std::sqrt(static_cast<double>(kDrawn));
  const auto shares = [](double alpha) {
    std::vector<double> numbers;
    for (std::size_t i = 0; i < kDrawn; ++i) numbers.push_back(drawn({alpha, {}}, i).share);
    return numbers;
  };
  CHECK(distance_from(shares(0.5),
                      [](double x) { return std::asin(std::sqrt(x)) / std::asin(1); }) < bound);
  CHECK(distance_from(shares(1.0), [](double x) { return x; }) < bound);
  CHECK(distance_from(shares(2.0), [](double x) { return x * x * (3.0 - 2.0 * x); }) < bound);
}

// torchvision.transforms.v2.CutMix.make_params
TEST("a part that is cut has its centre anywhere, and sides by the share that is drawn") {
  std::set<int> columns;
  std::set<int> rows;
  for (std::uint64_t index = 0; index < 500; ++index) {
    const MixedRow cut = drawn({{}, 1.0}, index);
    CHECK(cut.is_cut);
    const auto& [left, top, width, height] = cut.part;
    CHECK(cut.part.is_inside(kWidth, kHeight) && width >= 0 && height >= 0);
    CHECK(cut.share == 1.0 - static_cast<double>(width * height) / kPixels);
    // the same number is drawn where nothing is cut
    const double reach = 0.5 * std::sqrt(1.0 - drawn({1.0, {}}, index).share);
    const int across = static_cast<int>(reach * kWidth);
    const int down = static_cast<int>(reach * kHeight);
    const int right = left + width;
    const int bottom = top + height;
    // a side that the image's edge cuts is shorter
    const int x = left > 0 ? left + across : right - across;
    const int y = top > 0 ? top + down : bottom - down;
    CHECK(left == std::max(0, x - across) && right == std::min(kWidth, x + across));
    CHECK(top == std::max(0, y - down) && bottom == std::min(kHeight, y + down));
    columns.insert(x);
    rows.insert(y);
  }
  CHECK(columns.size() == kWidth && *columns.begin() == 0 && *columns.rbegin() == kWidth - 1);
  CHECK(rows.size() == kHeight && *rows.begin() == 0 && *rows.rbegin() == kHeight - 1);
}

// Runs are repeated with the numbers of earlier versions.
TEST("of two ways to mix, a part is cut where the first number is in the upper half") {
  for (std::uint64_t index = 0; index < 50; ++index) {
    const core::RandomKey key{1, 2, index};
    const double first = core::RandomStream(key, core::RandomUse::kMixing).uniform();
    CHECK(transform::draw_mix({0.5, 0.5}, key, 8, 8).is_cut == (first >= 0.5));
  }
}

TEST("of two ways to mix, one is drawn as often as the other, each with its own alpha") {
  int cuts = 0;
  std::vector<double> shares;
  for (std::uint64_t index = 0; index < 2000; ++index) {
    const MixedRow row = drawn({1.0, 1000.0}, index);
    if (row.is_cut) {
      ++cuts;
      // Beta(1000, 1000) hardly leaves a half, which reaches 0.35 of a side both ways
      CHECK(row.part.width <= 2 * 5 && row.part.height <= 2 * 4);
    } else {
      shares.push_back(row.share);
    }
  }
  CHECK(cuts > 900 && cuts < 1100);
  CHECK(distance_from(shares, [](double x) { return x; }) < 0.06);
}

}  // namespace
