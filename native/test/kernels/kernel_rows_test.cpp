// Each function of every kernel table against the scalar one's, on single rows of every width.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "core/aligned_buffer.h"
#include "kernels/kernel_table.h"
#include "test/check.h"
#include "test/random_bytes.h"
#include "transform/axis_taps.h"
#include "transform/normalizer.h"

namespace {

using namespace pixtok;
using kernels::KernelTable;

constexpr std::size_t kGuard = 64;
constexpr std::uint8_t kGuardByte = 0xA5;

// A row to read: one byte before it and the padding after it are there, and no more.
class SourceRow {
 public:
  explicit SourceRow(std::vector<std::uint8_t> bytes) : memory_(std::move(bytes)) {
    memory_.insert(memory_.begin(), 0x5A);
    memory_.resize(memory_.size() + core::kTailPadding, 0x5A);
  }
  SourceRow(std::mt19937_64& random, int width)
      : SourceRow(test::random_bytes(random, static_cast<std::size_t>(width))) {}

  const std::uint8_t* data() const { return memory_.data() + 1; }

 private:
  std::vector<std::uint8_t> memory_;
};

// A row to write, `writable` bytes long, with guard bytes behind it.
class TargetRow {
 public:
  explicit TargetRow(std::size_t writable) : writable_(writable) {
    std::memset(memory_.reserve(writable + kGuard), kGuardByte, writable + kGuard);
  }

  std::uint8_t* data() { return memory_.data(); }

  bool kept_to_itself() {
    const std::uint8_t* guard = memory_.data() + writable_;
    for (std::size_t i = 0; i < kGuard; ++i) {
      if (guard[i] != kGuardByte) return false;
    }
    return true;
  }

 private:
  core::ScratchBuffer memory_;
  std::size_t writable_;
};

std::size_t aligned(std::size_t bytes) { return core::round_up(bytes, core::kAlignment); }

// `bytes` bytes of each of `rows` rows that `run` writes, given a table and the rows. No more than
// `writable` bytes may change.
template <typename Run>
std::vector<std::vector<std::uint8_t>> written(const KernelTable& table, int rows,
                                               std::size_t bytes, std::size_t writable,
                                               const Run& run) {
  std::vector<TargetRow> targets;
  std::vector<std::uint8_t*> pointers;
  for (int row = 0; row < rows; ++row) {
    targets.emplace_back(writable);
    pointers.push_back(targets.back().data());
  }
  run(table, pointers.data());
  std::vector<std::vector<std::uint8_t>> result;
  for (TargetRow& target : targets) {
    CHECK(target.kept_to_itself());
    result.emplace_back(target.data(), target.data() + bytes);
  }
  return result;
}

template <typename Run>
void compare_tables(int rows, std::size_t bytes, std::size_t writable, const std::string& what,
                    const Run& run) {
  const std::vector<const KernelTable*> tables = kernels::supported_tables();
  const auto expected = written(*tables.front(), rows, bytes, writable, run);
  for (const KernelTable* table : tables) {
    if (written(*table, rows, bytes, writable, run) != expected) {
      test::fail(__FILE__, __LINE__, std::string(table->name) + ": " + what);
    }
  }
}

// By turns every width from 1 on, and any.
int width_of_case(int i, std::mt19937_64& random) {
  return i % 2 == 0 ? 1 + i / 2 : 1 + static_cast<int>(random() % 2000);
}

TEST("pixels of every width are split into planes") {
  std::mt19937_64 random(test::seed());
  for (int i = 0; i < test::random_cases(); ++i) {
    const int width = width_of_case(i, random);
    const auto columns = static_cast<std::size_t>(width);
    const SourceRow pixels(random, 3 * width);
    compare_tables(3, columns, aligned(columns), "split_rgb of " + std::to_string(width),
                   [&](const KernelTable& table, std::uint8_t* const* planes) {
                     table.colour.split_rgb(pixels.data(), width, planes);
                   });
  }
}

TEST("every luma and chroma become the scalar table's red, green and blue") {
  constexpr int kPairs = 256 * 256;
  std::vector<std::uint8_t> blueness(kPairs);
  std::vector<std::uint8_t> redness(kPairs);
  for (int i = 0; i < kPairs; ++i) {
    blueness[i] = static_cast<std::uint8_t>(i / 256);
    redness[i] = static_cast<std::uint8_t>(i % 256);
  }
  const SourceRow cb(blueness);
  const SourceRow cr(redness);
  for (int value = 0; value < 256; ++value) {
    const SourceRow luma(std::vector<std::uint8_t>(kPairs, static_cast<std::uint8_t>(value)));
    compare_tables(3, kPairs, kPairs, "ycc_to_rgb of luma " + std::to_string(value),
                   [&](const KernelTable& table, std::uint8_t* const* planes) {
                     table.colour.ycc_to_rgb(luma.data(), cb.data(), cr.data(), kPairs, planes);
                   });
  }
}

TEST("luma and chroma of every width are converted") {
  std::mt19937_64 random(test::seed());
  for (int i = 0; i < test::random_cases(); ++i) {
    const int width = width_of_case(i, random);
    const auto columns = static_cast<std::size_t>(width);
    const SourceRow luma(random, width);
    const SourceRow cb(random, width);
    const SourceRow cr(random, width);
    compare_tables(3, columns, aligned(columns), "ycc_to_rgb of " + std::to_string(width),
                   [&](const KernelTable& table, std::uint8_t* const* planes) {
                     table.colour.ycc_to_rgb(luma.data(), cb.data(), cr.data(), width, planes);
                   });
  }
}

TEST("every two neighbours are upsampled across as by the scalar table") {
  constexpr int kPairs = 256 * 256;
  std::vector<std::uint8_t> pairs(2 * kPairs);
  for (int i = 0; i < kPairs; ++i) {
    pairs[2 * i] = static_cast<std::uint8_t>(i / 256);
    pairs[2 * i + 1] = static_cast<std::uint8_t>(i % 256);
  }
  const SourceRow row(pairs);
  compare_tables(1, 4 * kPairs, 4 * kPairs, "upsample_across",
                 [&](const KernelTable& table, std::uint8_t* const* target) {
                   table.colour.upsample_across(row.data(), 2 * kPairs, target[0]);
                 });
}

TEST("every near and far sample are upsampled down as by the scalar table") {
  constexpr int kPairs = 256 * 256;
  std::vector<std::uint8_t> near_samples(kPairs);
  std::vector<std::uint8_t> far_samples(kPairs);
  for (int i = 0; i < kPairs; ++i) {
    near_samples[i] = static_cast<std::uint8_t>(i / 256);
    far_samples[i] = static_cast<std::uint8_t>(i % 256);
  }
  const SourceRow near_row(near_samples);
  const SourceRow far_row(far_samples);
  for (const int bias : {1, 2}) {
    compare_tables(1, kPairs, kPairs, "upsample_down, bias " + std::to_string(bias),
                   [&](const KernelTable& table, std::uint8_t* const* target) {
                     table.colour.upsample_down(near_row.data(), far_row.data(), bias, kPairs,
                                                target[0]);
                   });
  }
}

TEST("chroma of every width is upsampled") {
  std::mt19937_64 random(test::seed());
  for (int i = 0; i < test::random_cases(); ++i) {
    const int width = width_of_case(i, random);
    const auto columns = static_cast<std::size_t>(width);
    const SourceRow near_row(random, width);
    const SourceRow far_row(random, width);
    const std::string of_width = " of " + std::to_string(width);
    compare_tables(1, 2 * columns, 2 * aligned(columns), "upsample_across" + of_width,
                   [&](const KernelTable& table, std::uint8_t* const* target) {
                     table.colour.upsample_across(near_row.data(), width, target[0]);
                   });
    compare_tables(1, 2 * columns, 2 * aligned(columns), "upsample_both" + of_width,
                   [&](const KernelTable& table, std::uint8_t* const* target) {
                     table.colour.upsample_both(near_row.data(), far_row.data(), width, target[0]);
                   });
    compare_tables(1, columns, aligned(columns), "upsample_down" + of_width,
                   [&](const KernelTable& table, std::uint8_t* const* target) {
                     table.colour.upsample_down(near_row.data(), far_row.data(), 1 + i % 2, width,
                                                target[0]);
                   });
  }
}

// Of any scale and filter; of the output some part, turned or not.
transform::AxisResize random_axis(std::mt19937_64& random) {
  const int in = 1 + static_cast<int>(random() % (random() % 8 == 0 ? 5000 : 700));
  const int out = 1 + static_cast<int>(random() % 300);
  transform::AxisResize axis = transform::AxisResize::whole(in, out);
  axis.begin = static_cast<int>(random() % static_cast<unsigned>(out));
  axis.end = axis.begin + 1 + static_cast<int>(random() % static_cast<unsigned>(out - axis.begin));
  axis.reversed = random() % 3 == 0;
  if (random() % 3 == 0) {
    axis.box_start = static_cast<float>(in) * static_cast<float>(random() % 1000) / 2500.0F;
    axis.box_end -= static_cast<float>(in) * static_cast<float>(random() % 1000) / 2500.0F;
  }
  return axis;
}

transform::Filter random_filter(std::mt19937_64& random) {
  return static_cast<transform::Filter>(1 + random() % 5);
}

transform::Resampler random_resampler(std::mt19937_64& random) {
  return random() % 2 == 0 ? transform::Resampler::kTorch : transform::Resampler::kPillow13;
}

const kernels::ResizeKernels& resize_of(const KernelTable& table, transform::Resampler resampler) {
  return resampler == transform::Resampler::kTorch ? table.short_resize : table.resize;
}

std::string described(const transform::AxisResize& axis, transform::Filter filter,
                      transform::Resampler resampler) {
  return std::to_string(axis.in) + " to " + std::to_string(axis.out) + " [" +
         std::to_string(axis.begin) + ", " + std::to_string(axis.end) + "), filter " +
         std::to_string(static_cast<int>(filter)) + (axis.reversed ? ", reversed" : "") +
         (resampler == transform::Resampler::kTorch ? ", short weights" : "");
}

TEST("any number of rows is resampled along any axis") {
  std::mt19937_64 random(test::seed());
  std::vector<double> scratch;
  for (int i = 0; i < test::random_cases(); ++i) {
    const transform::AxisResize axis = random_axis(random);
    const transform::Filter filter = random_filter(random);
    const transform::Resampler resampler = random_resampler(random);
    kernels::AxisTaps taps;
    transform::build_axis_taps(axis, filter, resampler, scratch, taps);
    const int rows = 1 + i % 12;
    std::vector<SourceRow> sources;
    std::vector<const std::uint8_t*> pointers;
    for (int row = 0; row < rows; ++row) {
      sources.emplace_back(random, taps.source_end - taps.source_begin);
      pointers.push_back(sources.back().data());
    }
    const auto size = static_cast<std::size_t>(taps.size);
    compare_tables(
        rows, size, aligned(size), "resample_rows of " + described(axis, filter, resampler),
        [&](const KernelTable& table, std::uint8_t* const* targets) {
          resize_of(table, resampler).pack_taps(taps);
          resize_of(table, resampler).resample_rows(pointers.data(), targets, rows, taps);
        });
  }
}

TEST("any number of rows is weighed, column by column") {
  std::mt19937_64 random(test::seed());
  std::vector<double> scratch;
  kernels::AxisTaps taps;
  for (int i = 0; i < test::random_cases(); ++i) {
    const transform::AxisResize axis = random_axis(random);
    const transform::Filter filter = random_filter(random);
    const transform::Resampler resampler = random_resampler(random);
    transform::build_axis_taps(axis, filter, resampler, scratch, taps);
    const int position = static_cast<int>(random() % static_cast<unsigned>(taps.size));
    const int count = taps.count[position];
    const int bytes = width_of_case(i, random);
    std::vector<SourceRow> sources;
    std::vector<const std::uint8_t*> pointers;
    for (int row = 0; row < count; ++row) {
      sources.emplace_back(random, bytes);
      pointers.push_back(sources.back().data());
    }
    const kernels::WeightedRows rows{pointers.data(), taps.weights_of(position), count,
                                     taps.precision};
    const auto size = static_cast<std::size_t>(bytes);
    compare_tables(
        1, size, aligned(size),
        "resample_columns of " + std::to_string(bytes) + ", " + described(axis, filter, resampler),
        [&](const KernelTable& table, std::uint8_t* const* target) {
          resize_of(table, resampler).resample_columns(rows, target[0], bytes);
        });
  }
}

transform::NormalizerOptions random_normalizer(std::mt19937_64& random) {
  const auto unit = [&random] { return static_cast<double>(1 + random() % 1000) / 1000.0; };
  transform::NormalizerOptions options;
  if (random() % 3 == 0) options.arithmetic = transform::RescaleArithmetic::kHuggingFace;
  options.normalize = random() % 4 != 0;
  options.mean = {unit(), unit(), unit()};
  options.std = {unit(), unit(), unit()};
  return options;
}

TEST("rows of every width are stored in every type and layout, and nothing past them") {
  constexpr std::size_t kElementBytes[] = {4, 2, 1};  // by ElementType
  std::mt19937_64 random(test::seed());
  for (int i = 0; i < test::random_cases(); ++i) {
    const int width = width_of_case(i, random);
    const SourceRow red(random, width);
    const SourceRow green(random, width);
    const SourceRow blue(random, width);
    const std::uint8_t* const planes[] = {red.data(), green.data(), blue.data()};
    const transform::NormalizerOptions options = random_normalizer(random);
    for (int type = 0; type < 3; ++type) {
      const std::size_t row_bytes = kElementBytes[type] * width;
      const std::string what =
          "store_row of " + std::to_string(width) + ", type " + std::to_string(type);
      compare_tables(1, 3 * row_bytes, 3 * row_bytes, what + ", hwc",
                     [&](const KernelTable& table, std::uint8_t* const* target) {
                       const auto normalizer = transform::build_normalizer(options, table);
                       table.normalize.store_row[type][1](planes, width, normalizer, target[0], 0);
                     });
      // Planes a little apart: what is between them must stay.
      const std::size_t plane = static_cast<std::size_t>(width) + 3;
      const std::size_t chw_bytes = 2 * kElementBytes[type] * plane + row_bytes;
      compare_tables(1, chw_bytes, chw_bytes, what + ", chw",
                     [&](const KernelTable& table, std::uint8_t* const* target) {
                       const auto normalizer = transform::build_normalizer(options, table);
                       table.normalize.store_row[type][0](planes, width, normalizer, target[0],
                                                          plane);
                     });
    }
  }
}

TEST("rows of a cell are stored one behind the other, and no more than the padding past them") {
  std::mt19937_64 random(test::seed());
  for (int i = 0; i < test::random_cases(); ++i) {
    const int width = 1 + i % 70;
    const int height = 1 + static_cast<int>(random() % 20);
    const int stride = width + static_cast<int>(random() % 100);
    const SourceRow rows(random, stride * (height - 1) + width);
    const int channel = i % 3;
    const transform::NormalizerOptions options = random_normalizer(random);
    const std::size_t bytes = sizeof(float) * static_cast<std::size_t>(width * height);
    compare_tables(1, bytes, bytes + core::kTailPadding,
                   "store_cell of " + std::to_string(width) + "x" + std::to_string(height),
                   [&](const KernelTable& table, std::uint8_t* const* target) {
                     const auto normalizer = transform::build_normalizer(options, table);
                     table.normalize.store_cell(rows.data(), static_cast<std::size_t>(stride),
                                                width, height, normalizer, channel,
                                                reinterpret_cast<float*>(target[0]));
                   });
  }
}

TEST("vector arithmetic gives the tables of the usual means and deviations") {
  struct Usual {
    std::array<double, 3> mean;
    std::array<double, 3> std;
  };
  const Usual usual[] = {
      {{0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}},
      {{0.48145466, 0.4578275, 0.40821073}, {0.26862954, 0.26130258, 0.27577711}},
      {{0.5, 0.5, 0.5}, {0.5, 0.5, 0.5}},
  };
  for (const KernelTable* table : kernels::supported_tables()) {
    for (const Usual& one : usual) {
      transform::NormalizerOptions options;
      options.mean = one.mean;
      options.std = one.std;
      const bool is_scalar = table == kernels::supported_tables().front();
      CHECK(transform::build_normalizer(options, *table).arithmetic == !is_scalar);
    }
  }
}

}  // namespace
