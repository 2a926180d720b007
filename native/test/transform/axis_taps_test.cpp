#include "transform/axis_taps.h"

#include <cstdint>
#include <random>
#include <vector>

#include "test/check.h"
#include "transform/resampler.h"

namespace {

using namespace pixtok;
using transform::AxisResize;
using transform::Filter;
using transform::Resampler;

kernels::AxisTaps taps_of(const AxisResize& resize, Filter filter, Resampler resampler) {
  std::vector<double> scratch;
  kernels::AxisTaps taps;
  transform::build_axis_taps(resize, filter, resampler, scratch, taps);
  return taps;
}

TEST("a part of an axis has the taps that it has in the whole, from either end") {
  std::mt19937_64 random(test::seed());
  const auto below = [&random](int most) {
    return static_cast<int>(random() % static_cast<unsigned>(most));
  };
  for (int i = 0; i < 4 * test::random_cases(); ++i) {
    const int in = 1 + below(60);
    const int out = 1 + below(60);
    const auto filter = static_cast<Filter>(1 + below(5));
    const auto resampler = static_cast<Resampler>(below(3));
    if (!transform::has_filter(resampler, filter)) continue;
    AxisResize part = AxisResize::whole(in, out);
    const kernels::AxisTaps whole = taps_of(part, filter, resampler);
    part.begin = below(out);
    part.end = part.begin + 1 + below(out - part.begin);
    part.reversed = i % 2 == 0;
    const kernels::AxisTaps taps = taps_of(part, filter, resampler);
    CHECK(taps.size == part.wanted() && taps.precision == whole.precision);
    for (int x = 0; x < taps.size; ++x) {
      const int place = part.reversed ? part.end - 1 - x : part.begin + x;
      CHECK(taps.count[x] == whole.count[place]);
      CHECK(taps.source_begin + taps.first[x] == whole.source_begin + whole.first[place]);
      for (int k = 0; k < taps.count[x]; ++k) {
        CHECK(taps.weights_of(x)[k] == whole.weights_of(place)[k]);
      }
    }
  }
}

TEST("the nearest positions of a part are those of the whole, from either end") {
  std::mt19937_64 random(test::seed());
  std::vector<int> whole;
  std::vector<int> positions;
  for (int i = 0; i < 4 * test::random_cases(); ++i) {
    const auto resampler = static_cast<Resampler>(i % 3);
    AxisResize part =
        AxisResize::whole(1 + static_cast<int>(random() % 60), 1 + static_cast<int>(random() % 60));
    const bool is_small = i % 2 == 0;
    transform::nearest_positions(part, resampler, is_small, whole);
    part.begin = static_cast<int>(random() % static_cast<unsigned>(part.out));
    part.end = part.begin + 1 + static_cast<int>(random() % (part.out - part.begin));
    part.reversed = random() % 2 == 0;
    transform::nearest_positions(part, resampler, is_small, positions);
    CHECK(positions.size() == static_cast<std::size_t>(part.wanted()));
    for (int x = 0; x < part.wanted(); ++x) {
      CHECK(positions[x] == whole[part.reversed ? part.end - 1 - x : part.begin + x]);
      CHECK(positions[x] >= 0 && positions[x] < part.in);
    }
  }
}

// Expected values: interpolate(…, mode="nearest-exact") of torch 2.15, to 109 x 39 and to 109 x 18.
TEST("torch's nearest takes another pixel where its result is not small") {
  std::vector<int> positions;
  const AxisResize axis = AxisResize::whole(2, 109);
  transform::nearest_positions(axis, Resampler::kTorch, false, positions);
  CHECK(positions[53] == 0 && positions[54] == 1 && positions[55] == 1);
  transform::nearest_positions(axis, Resampler::kTorch, true, positions);
  CHECK(positions[53] == 0 && positions[54] == 0 && positions[55] == 1);
}

TEST("an axis that keeps its size and its whole box needs no pass") {
  CHECK(AxisResize::whole(7, 7).is_identity());
  CHECK(!AxisResize::whole(7, 8).is_identity());
  AxisResize box = AxisResize::whole(7, 7);
  box.box_start = 0.5F;
  CHECK(!box.is_identity());
  box = AxisResize::whole(7, 7);
  box.box_end = 6.5F;
  CHECK(!box.is_identity());
}

TEST("the vertical pass comes first where it leaves out most, by each version's rule") {
  const auto first = transform::is_vertical_first;
  CHECK(first(Resampler::kPillow13, 100, 100, 90, 79) == true);   // 21 rows, 10 columns
  CHECK(first(Resampler::kPillow13, 100, 100, 90, 80) == false);  // 20 rows
  CHECK(first(Resampler::kPillow13, 100, 100, 200, 100) == false);
  CHECK(first(Resampler::kPillow13, 100, 100, 200, 99) == true);
  CHECK(first(Resampler::kPillow12, 3, 301, 3, 300) == true);
  CHECK(first(Resampler::kPillow12, 3, 300, 3, 299) == false);
  CHECK(first(Resampler::kPillow12, 3, 301, 3, 301) == false);
  CHECK(first(Resampler::kTorch, 3, 301, 3, 1) == false);
}

}  // namespace
