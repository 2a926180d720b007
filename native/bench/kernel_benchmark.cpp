// What the kernels alone can do: a picture in memory to a slot, on one thread, for every kernel
// table that this CPU runs.
//
//   kernel_benchmark [--seconds S] [--kernel NAME]
//
// Prints a JSON array; megapixels are those of the source.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "core/aligned_buffer.h"
#include "kernels/kernel_table.h"
#include "transform/normalizer.h"
#include "transform/prepare_image.h"

namespace {

using namespace pixtok;
using Clock = std::chrono::steady_clock;

struct Case {
  bool normalize;
  const char* filter_name;
  transform::Filter filter;
  int from[2];
  int to[2];
};

std::vector<Case> cases() {
  const std::vector<std::pair<const char*, transform::Filter>> filters = {
      {"nearest", transform::Filter::kNearest},   {"box", transform::Filter::kBox},
      {"bilinear", transform::Filter::kBilinear}, {"hamming", transform::Filter::kHamming},
      {"bicubic", transform::Filter::kBicubic},   {"lanczos", transform::Filter::kLanczos},
  };
  std::vector<Case> all;
  for (const auto& [name, filter] : filters) {
    for (const bool normalize : {true, false}) {
      all.push_back({normalize, name, filter, {500, 375}, {224, 224}});
      all.push_back({normalize, name, filter, {1000, 1000}, {384, 384}});
      all.push_back({normalize, name, filter, {96, 96}, {224, 224}});
    }
  }
  return all;
}

transform::Plan plan_of(const Case& test, const kernels::KernelTable& kernels) {
  transform::Plan plan;
  plan.geometry.width = plan.geometry.output_width = test.to[0];
  plan.geometry.height = plan.geometry.output_height = test.to[1];
  plan.filter = test.filter;
  if (!test.normalize) {
    plan.type = kernels::ElementType::kUint8;
    plan.layout = kernels::Layout::kHwc;
  }
  transform::NormalizerOptions options;
  options.mean = {0.485, 0.456, 0.406};
  options.std = {0.229, 0.224, 0.225};
  plan.normalizer = transform::build_normalizer(options, kernels);
  return plan;
}

// Median over repetitions, after a warm-up.
double nanoseconds(const Case& test, const kernels::KernelTable& kernels, double seconds) {
  const transform::Plan plan = plan_of(test, kernels);
  core::ScratchBuffer picture;
  const std::size_t bytes = 3 * static_cast<std::size_t>(test.from[0]) * test.from[1];
  std::uint8_t* data = picture.reserve(bytes);
  std::uint32_t noise = 1;
  for (std::size_t i = 0; i < bytes; ++i) {
    noise = noise * 1664525U + 1013904223U;
    data[i] = static_cast<std::uint8_t>(noise >> 24);
  }
  const core::PixelView view{data, test.from[0], test.from[1], core::PixelFormat::kRgb, true};
  transform::PrepareScratch scratch;
  core::ScratchBuffer slot;
  slot.reserve(plan.slot_bytes());
  std::vector<double> times;
  const Clock::time_point end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                                   std::chrono::duration<double>(seconds));
  do {
    const Clock::time_point start = Clock::now();
    if (!transform::prepare_image(view, {}, plan, kernels, scratch, slot.data()).ok()) std::abort();
    times.push_back(std::chrono::duration<double, std::nano>(Clock::now() - start).count());
  } while (Clock::now() < end || times.size() < 5);
  std::nth_element(times.begin(), times.begin() + times.size() / 2, times.end());
  return times[times.size() / 2];
}

}  // namespace

int main(int count, char** arguments) {
  double seconds = 0.1;
  std::string only;
  for (int i = 1; i + 1 < count; i += 2) {
    if (std::strcmp(arguments[i], "--seconds") == 0) seconds = std::atof(arguments[i + 1]);
    if (std::strcmp(arguments[i], "--kernel") == 0) only = arguments[i + 1];
  }
  const char* separator = "[\n";
  for (const kernels::KernelTable* kernels : kernels::supported_tables()) {
    if (!only.empty() && only != kernels->name) continue;
    for (const Case& test : cases()) {
      const double time = nanoseconds(test, *kernels, seconds);
      const double megapixels = test.from[0] * test.from[1] / 1e6;
      std::printf(
          "%s{\"kernel\":\"%s\",\"operation\":\"%s\",\"filter\":\"%s\",\"from\":[%d,%d],"
          "\"to\":[%d,%d],\"nanoseconds\":%.0f,\"megapixels_per_second\":%.1f}",
          separator, kernels->name, test.normalize ? "resize+normalize" : "resize",
          test.filter_name, test.from[0], test.from[1], test.to[0], test.to[1], time,
          megapixels / (time / 1e9));
      separator = ",\n";
    }
  }
  std::printf("\n]\n");
  return 0;
}
