#include "transform/mix_rows.h"

#include <algorithm>
#include <cmath>

#include "core/normal_stream.h"
#include "core/portable_math.h"

namespace pixtok::transform {

namespace {

using core::RandomStream;

double positive(RandomStream& random) { return std::max(random.uniform(), 0x1p-54); }

// The logarithm of a number of the gamma distribution: Marsaglia and Tsang, "A simple method for
// generating gamma variables"; of a small alpha, of alpha + 1 and a power of one number more.
double log_gamma_number(double alpha, RandomStream& random) {
  const double boosted = alpha < 1.0 ? alpha + 1.0 : alpha;
  const double d = boosted - 1.0 / 3.0;
  const double c = 1.0 / std::sqrt(9.0 * d);
  double log = 0.0;
  for (;;) {
    const double x = core::normal_quantile(positive(random));
    const double cube_root = 1.0 + c * x;
    if (cube_root <= 0.0) continue;
    const double v = cube_root * cube_root * cube_root;
    const double log_v = core::portable_log(v);
    if (core::portable_log(positive(random)) < 0.5 * x * x + d - d * v + d * log_v) {
      log = core::portable_log(d) + log_v;
      break;
    }
  }
  return alpha < 1.0 ? log + core::portable_log(positive(random)) / alpha : log;
}

// Of Beta(alpha, alpha).
double beta_number(double alpha, RandomStream& random) {
  const double first = log_gamma_number(alpha, random);
  const double second = log_gamma_number(alpha, random);
  // first / (first + second); the exponential is of what it can be of
  return 1.0 / (1.0 + core::portable_exp(std::clamp(second - first, -700.0, 700.0)));
}

MixedRow draw_cut(double share, int width, int height, RandomStream& random) {
  const int x = random.below(width);
  const int y = random.below(height);
  const double reach = 0.5 * std::sqrt(1.0 - share);
  const int across = static_cast<int>(reach * width);
  const int down = static_cast<int>(reach * height);
  const int left = std::max(0, x - across);
  const int top = std::max(0, y - down);
  const PixelRect part{left, top, std::min(width, x + across) - left,
                       std::min(height, y + down) - top};
  const double area = static_cast<double>(part.width) * part.height;
  return {1.0 - area / (static_cast<double>(width) * height), true, part};
}

void mix_values(float* row, const float* other, std::size_t count, double share) {
  const auto own = static_cast<float>(share);
  const auto rest = static_cast<float>(1.0 - share);
  for (std::size_t i = 0; i < count; ++i) row[i] = other[i] * rest + row[i] * own;
}

void cut_values(float* row, const float* other, const FloatRows& rows, const PixelRect& part) {
  const bool chw = rows.layout == kernels::Layout::kChw;
  const std::size_t planes = chw ? 3 : 1;
  const std::size_t channels = chw ? 1 : 3;
  const std::size_t line = channels * static_cast<std::size_t>(rows.width);
  for (std::size_t plane = 0; plane < planes; ++plane) {
    for (int y = part.top; y < part.top + part.height; ++y) {
      const std::size_t start =
          (plane * static_cast<std::size_t>(rows.height) + static_cast<std::size_t>(y)) * line +
          channels * static_cast<std::size_t>(part.left);
      std::copy_n(other + start, channels * static_cast<std::size_t>(part.width), row + start);
    }
  }
}

}  // namespace

MixedRow draw_mix(const RandomMix& options, const core::RandomKey& key, int width, int height) {
  RandomStream random(key, core::RandomUse::kMixing);
  const bool both = options.mix_up && options.cut_mix;
  const bool cuts = both ? random.uniform() >= 0.5 : options.cut_mix.has_value();
  const double share = beta_number(cuts ? *options.cut_mix : options.mix_up.value_or(1.0), random);
  if (!cuts) return {share, false, {}};
  return draw_cut(share, width, height, random);
}

void mix_rows(const FloatRows& rows, const std::vector<MixedRow>& mixes) {
  const std::size_t count = rows.row_values();
  // From the last row up, each still finds the one before it as it was.
  const float* const end = rows.values + mixes.size() * count;
  const std::vector<float> last(end - count, end);
  for (std::size_t i = mixes.size(); i > 0; --i) {
    const MixedRow& mix = mixes[i - 1];
    float* const row = rows.values + (i - 1) * count;
    const float* const other = i > 1 ? row - count : last.data();
    if (mix.is_cut) {
      cut_values(row, other, rows, mix.part);
    } else {
      mix_values(row, other, count, mix.share);
    }
  }
}

}  // namespace pixtok::transform
