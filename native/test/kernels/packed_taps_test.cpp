// The orders in which taps are packed, read by plain loops as their headers describe them: whatever
// the CPU, the sums of all positions are those of the taps themselves.

#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "kernels/resize/digit_taps.h"
#include "kernels/resize/quad_taps.h"
#include "kernels/resize/word_taps.h"
#include "test/check.h"
#include "test/random_bytes.h"
#include "transform/axis_taps.h"

namespace {

using namespace pixtok;

using Sums = std::vector<std::uint32_t>;  // modulo 2^32, as the kernels add

struct Axis {
  transform::AxisResize resize;
  transform::Filter filter;
  kernels::AxisTaps taps;
  std::vector<std::uint8_t> row;  // with its padding, and nothing behind it

  std::string description() const {
    return std::to_string(resize.in) + " to " + std::to_string(resize.out) + ", filter " +
           std::to_string(static_cast<int>(filter)) + (resize.reversed ? ", reversed" : "");
  }
};

Axis random_axis(std::mt19937_64& random, transform::Resampler resampler) {
  Axis axis;
  const int in = 1 + static_cast<int>(random() % (random() % 8 == 0 ? 5000 : 700));
  const int out = 1 + static_cast<int>(random() % 300);
  axis.resize = transform::AxisResize::whole(in, out);
  axis.resize.begin = static_cast<int>(random() % static_cast<unsigned>(out));
  axis.resize.reversed = random() % 3 == 0;
  axis.filter = static_cast<transform::Filter>(1 + random() % 5);
  std::vector<double> scratch;
  transform::build_axis_taps(axis.resize, axis.filter, resampler, scratch, axis.taps);
  const std::size_t bytes = static_cast<std::size_t>(axis.taps.source_end) -
                            static_cast<std::size_t>(axis.taps.source_begin) + core::kTailPadding;
  axis.row = test::random_bytes(random, bytes);
  return axis;
}

Sums direct_sums(const Axis& axis) {
  Sums sums;
  for (int position = 0; position < axis.taps.size; ++position) {
    std::uint32_t sum = 0;
    for (int k = 0; k < axis.taps.count[position]; ++k) {
      sum += static_cast<std::uint32_t>(axis.taps.weights_of(position)[k]) *
             axis.row[static_cast<std::size_t>(axis.taps.first[position] + k)];
    }
    sums.push_back(sum);
  }
  return sums;
}

template <typename Number>
Number number_at(const std::uint8_t* at) {
  Number number;
  std::memcpy(&number, at, sizeof number);
  return number;
}

// .at(): a load past the padding is a failure of the test, not of the process.
std::uint32_t byte_of(const Axis& axis, std::int32_t index) {
  return axis.row.at(static_cast<std::size_t>(index));
}

Sums word_sums(const Axis& axis, int vector_bytes, int parts) {
  using namespace kernels::word_taps;
  const kernels::PackedTaps& packed = axis.taps.packed;
  const int lanes = vector_bytes / kLaneBytes;
  const bool wide = packed.form == kWide;
  const int vectors = wide ? kWideVectors : kNarrowVectors;
  const std::uint8_t* offset = packed.memory.data();
  const std::uint8_t* at = packed.memory.data() + packed.offset_bytes;
  Sums sums(static_cast<std::size_t>(packed.groups * vector_bytes));
  for (int group = 0; group < packed.groups; ++group) {
    for (int vector = 0; vector < vectors; ++vector, offset += 4 * lanes) {
      for (int step = 0; step < packed.steps; ++step) {
        const std::uint8_t* weights = wide ? at : at + vector_bytes;
        for (int word = 0; word < vector_bytes / 2; ++word) {
          const int lane = word / 8;
          std::int32_t source = number_at<std::int32_t>(offset + 4 * lane);
          int output = group * vector_bytes + kLaneBytes * lane;
          if (wide) {
            source += kWideTaps * step + word % 8;
            output += vector;
          } else {
            CHECK(at[2 * word + 1] == 0x80);
            source += kNarrowTaps * (step - step % packed.steps_a_load) + at[2 * word];
            output += 4 * vector + word % 8 / 2;
          }
          const std::int32_t first = number_at<std::int16_t>(weights + 2 * word);
          auto weight = static_cast<std::uint32_t>(first);
          if (parts == 2) {
            const std::int32_t low = number_at<std::int16_t>(weights + vector_bytes + 2 * word);
            CHECK(low >= 0);
            weight = (weight << kLowBits) + static_cast<std::uint32_t>(low);
          }
          sums[static_cast<std::size_t>(output)] += weight * byte_of(axis, source);
        }
        at += (wide ? parts : 1 + parts) * vector_bytes;
      }
    }
  }
  sums.resize(static_cast<std::size_t>(axis.taps.size));
  return sums;
}

Sums digit_sums(const Axis& axis) {
  using namespace kernels::digit_taps;
  const kernels::PackedTaps& packed = axis.taps.packed;
  const bool near_by = packed.form == kNear;
  const std::uint8_t* offset = packed.memory.data();
  const std::uint8_t* at = packed.memory.data() + packed.offset_bytes;
  Sums sums(static_cast<std::size_t>(packed.groups * kPositions));
  for (int group = 0; group < packed.groups; ++group) {
    for (int vector = 0; vector < (near_by ? 1 : kLanes); ++vector) {
      for (int step = 0; step < packed.steps; ++step) {
        const std::uint8_t* digits = near_by ? at + kVectorBytes : at;
        for (int place = 0; place < kVectorBytes; ++place) {
          const int lane = place / kLaneBytes;
          std::int32_t source = number_at<std::int32_t>(near_by ? offset : offset + 4 * lane);
          int output = group * kPositions;
          if (near_by) {
            source += at[place];
            output += place / kNearTaps;
          } else {
            source += kFarTaps * step + place % kLaneBytes;
            output += kLanes * lane + vector;
          }
          std::uint32_t weight = 0;
          for (int digit = 0; digit < 3; ++digit) {
            const auto part = static_cast<std::int8_t>(digits[digit * kVectorBytes + place]);
            weight = (weight << 8) + static_cast<std::uint32_t>(std::int32_t{part});
          }
          sums[static_cast<std::size_t>(output)] += weight * byte_of(axis, source);
        }
        at += (near_by ? 4 : 3) * kVectorBytes;
      }
      offset += near_by ? 4 : 4 * kLanes;
    }
  }
  sums.resize(static_cast<std::size_t>(axis.taps.size));
  return sums;
}

Sums quad_sums(const Axis& axis) {
  using namespace kernels::quad_taps;
  const kernels::AxisTaps& taps = axis.taps;
  const std::uint8_t* word = taps.packed.memory.data();
  const auto next = [&word] {
    const auto value = number_at<std::int32_t>(word);
    word += 4;
    return value;
  };
  Sums sums(core::round_up(static_cast<std::size_t>(taps.size), kPositions));
  if (taps.packed.form == kByPosition) {
    for (int x = 0; x < taps.size; ++x) {
      for (int k = 0; k < static_cast<int>(position_words(taps)); ++k) {
        const auto weight = static_cast<std::uint32_t>(next());
        if (k >= taps.count[x]) CHECK(weight == 0);
        if (weight != 0) {
          sums[static_cast<std::size_t>(x)] += weight * byte_of(axis, taps.first[x] + k);
        }
      }
    }
  } else {
    for (int x = 0; x < taps.size; x += kPositions) {
      std::int32_t firsts[kPositions];
      for (std::int32_t& first : firsts) first = next() + 256;
      for (int k = 0; k < taps.taps; ++k) {
        for (int lane = 0; lane < kPositions; ++lane) {
          CHECK(firsts[lane] + k % taps.packed.form < 16);
          sums[static_cast<std::size_t>(x + lane)] +=
              static_cast<std::uint32_t>(next()) *
              byte_of(axis, lowest_first(taps, x, kPositions) + firsts[lane] + k);
        }
      }
    }
  }
  sums.resize(static_cast<std::size_t>(taps.size));
  return sums;
}

template <typename Pack, typename Read>
void check_forms(int forms, transform::Resampler resampler, const Pack& pack, const Read& read) {
  std::mt19937_64 random(test::seed());
  std::vector<int> seen(static_cast<std::size_t>(forms));
  for (int i = 0; i < test::random_cases(); ++i) {
    Axis axis = random_axis(random, resampler);
    pack(axis.taps);
    const std::size_t form = static_cast<std::size_t>(axis.taps.packed.form);
    if (form < seen.size()) ++seen[form];
    if (read(axis) != direct_sums(axis)) test::fail(__FILE__, __LINE__, axis.description());
  }
  if (test::random_cases() < 100) return;  // enough of them that every form comes up
  for (const int count : seen) CHECK(count > 0);
}

void check_words(transform::Resampler resampler, int parts) {
  for (const int vector_bytes : {32, 64}) {
    check_forms(
        3, resampler,
        [&](kernels::AxisTaps& taps) { kernels::word_taps::pack(taps, vector_bytes, parts); },
        [&](const Axis& axis) { return word_sums(axis, vector_bytes, parts); });
  }
}

TEST("taps packed for 16-bit multiply-adds give the same sums, for 32 and 64-byte vectors") {
  check_words(transform::Resampler::kPillow13, 2);
}

TEST("so do taps whose weights have 16 bits") { check_words(transform::Resampler::kTorch, 1); }

TEST("the precision of torch's weights is the largest that leaves them in 16 bits") {
  std::mt19937_64 random(test::seed());
  for (int i = 0; i < test::random_cases(); ++i) {
    const Axis axis = random_axis(random, transform::Resampler::kTorch);
    for (const std::int32_t weight : axis.taps.weights) {
      CHECK(weight >= INT16_MIN && weight <= INT16_MAX);
    }
  }
}

TEST("taps packed for 8-bit multiply-adds give the same sums") {
  check_forms(2, transform::Resampler::kPillow13, kernels::digit_taps::pack, digit_sums);
}

TEST("taps packed for table look-ups give the same sums") {
  check_forms(1, transform::Resampler::kTorch, kernels::quad_taps::pack, quad_sums);
}

TEST("weights that three signed digits hold are distinguished from larger ones, to the last one") {
  constexpr std::int32_t largest = 127 * 0x10101;
  CHECK(kernels::digit_taps::fits_digits(largest));
  CHECK(kernels::digit_taps::fits_digits(-largest));
  CHECK(!kernels::digit_taps::fits_digits(largest + 1));
  CHECK(!kernels::digit_taps::fits_digits(-largest - 1));
}

TEST("taps with a weight that three digits do not hold are left to the scalar pass") {
  kernels::AxisTaps taps;
  taps.size = 1;
  taps.taps = 1;
  taps.source_end = 1;
  taps.first = {0};
  taps.count = {1};
  taps.weights = {127 * 0x10101 + 1};
  kernels::digit_taps::pack(taps);
  CHECK(taps.packed.form == kernels::digit_taps::kScalar);
}

}  // namespace
