// What the kernels alone can do: images in memory to a slot, on one thread, for every kernel
// table that this CPU runs.
//
//   kernel_benchmark --seconds S [--kernel NAME] FILTER,WxH[+WxH...],WxH...
//
// A case has one image for each of its source sizes, which are resized in turn. Its time is that
// of an image: the mean of a pass over all of them, and of the passes the median. Filter weights
// are "rebuilt" for every image, as by libraries that keep none, or "cached", as pixtok does.
// Filters with weights are timed for Pillow's and for torch's. Prints a JSON array; megapixels are
// those of the sources.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/aligned_buffer.h"
#include "kernels/kernel_table.h"
#include "transform/normalizer.h"
#include "transform/prepare_image.h"

namespace {

using namespace pixtok;
using Clock = std::chrono::steady_clock;

struct Size {
  int width;
  int height;
};

struct Case {
  std::string filter_name;
  transform::Filter filter;
  std::vector<Size> from;
  Size to;
};

// How a case is done.
struct Way {
  bool normalize;
  bool rebuild_weights;
  transform::Resampler resampler = transform::Resampler::kPillow13;
};

constexpr std::size_t kFewestPasses = 5;

transform::Filter parse_filter(const std::string& name) {
  static const std::map<std::string, transform::Filter> filters = {
      {"nearest", transform::Filter::kNearest},   {"box", transform::Filter::kBox},
      {"bilinear", transform::Filter::kBilinear}, {"hamming", transform::Filter::kHamming},
      {"bicubic", transform::Filter::kBicubic},   {"lanczos", transform::Filter::kLanczos},
  };
  const auto found = filters.find(name);
  if (found == filters.end()) throw std::runtime_error("unknown filter " + name);
  return found->second;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

Size parse_size(const std::string& text) {
  Size size{0, 0};
  if (std::sscanf(text.c_str(), "%dx%d", &size.width, &size.height) != 2 || size.width < 1 ||
      size.height < 1) {
    throw std::runtime_error("expected a size as 500x375, got " + text);
  }
  return size;
}

Case parse_case(const std::string& text) {
  const std::vector<std::string> parts = split(text, ',');
  if (parts.size() != 3) throw std::runtime_error("expected FILTER,SIZES,SIZE, got " + text);
  Case test{parts[0], parse_filter(parts[0]), {}, parse_size(parts[2])};
  for (const std::string& size : split(parts[1], '+')) test.from.push_back(parse_size(size));
  return test;
}

transform::Plan plan_of(const Case& test, const Way& way, const kernels::KernelTable& kernels) {
  transform::Plan plan;
  plan.geometry.width = plan.geometry.output_width = test.to.width;
  plan.geometry.height = plan.geometry.output_height = test.to.height;
  plan.filter = test.filter;
  plan.resampler = way.resampler;
  if (!way.normalize) {
    plan.type = kernels::ElementType::kUint8;
    plan.layout = kernels::Layout::kHwc;
  }
  transform::NormalizerOptions options;
  options.mean = {0.485, 0.456, 0.406};
  options.std = {0.229, 0.224, 0.225};
  plan.normalizer = transform::build_normalizer(options, kernels);
  return plan;
}

class Image {
 public:
  explicit Image(const Size& size) : size_(size) {
    const std::size_t bytes = 3 * static_cast<std::size_t>(size.width) * size.height;
    std::uint8_t* data = memory_.reserve(bytes);
    std::uint32_t noise = 1;
    for (std::size_t i = 0; i < bytes; ++i) {
      noise = noise * 1664525U + 1013904223U;
      data[i] = static_cast<std::uint8_t>(noise >> 24);
    }
  }

  core::PixelView view() const {
    return {memory_.data(), size_.width, size_.height, core::PixelFormat::kRgb, true};
  }

 private:
  Size size_;
  core::ScratchBuffer memory_;
};

// Of one image.
double nanoseconds(const Case& test, const Way& way, const std::vector<Image>& images,
                   const kernels::KernelTable& kernels, double seconds) {
  const transform::Plan plan = plan_of(test, way, kernels);
  transform::PrepareScratch scratch;
  core::ScratchBuffer slot;
  slot.reserve(plan.slot_bytes());
  std::vector<double> times;
  const Clock::time_point end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                                   std::chrono::duration<double>(seconds));
  do {
    Clock::duration pass{};
    for (const Image& image : images) {
      if (way.rebuild_weights) {
        scratch.resample.horizontal = {};
        scratch.resample.vertical = {};
      }
      const Clock::time_point start = Clock::now();
      const bool done =
          transform::prepare_image(image.view(), {}, plan, kernels, scratch, slot.data()).ok();
      pass += Clock::now() - start;
      if (!done) throw std::runtime_error("an image could not be prepared");
    }
    const double whole = std::chrono::duration<double, std::nano>(pass).count();
    times.push_back(whole / static_cast<double>(images.size()));
  } while (Clock::now() < end || times.size() < kFewestPasses);
  std::nth_element(times.begin(), times.begin() + times.size() / 2, times.end());
  return times[times.size() / 2];
}

std::vector<Way> ways_of(const Case& test) {
  // nearest has no weights
  if (test.filter == transform::Filter::kNearest) return {{true, false}, {false, false}};
  std::vector<Way> ways;
  for (const auto resampler : {transform::Resampler::kPillow13, transform::Resampler::kTorch}) {
    if (!transform::has_filter(resampler, test.filter)) continue;
    ways.push_back({true, false, resampler});
    ways.push_back({false, true, resampler});
    ways.push_back({false, false, resampler});
  }
  return ways;
}

const char* resampler_name(const Way& way) {
  return way.resampler == transform::Resampler::kTorch ? "torch" : "pillow13";
}

const char* weights_name(const Case& test, const Way& way) {
  if (test.filter == transform::Filter::kNearest) return "none";
  return way.rebuild_weights ? "rebuilt" : "cached";
}

void print(const Case& test, const Way& way, const kernels::KernelTable& kernels, double time) {
  std::string sizes;
  for (const Size& size : test.from) {
    sizes += (sizes.empty() ? "[" : ",[") + std::to_string(size.width) + "," +
             std::to_string(size.height) + "]";
  }
  std::printf(
      "{\"kernel\":\"%s\",\"operation\":\"%s\",\"resampler\":\"%s\",\"weights\":\"%s\","
      "\"filter\":\"%s\",\"from\":[%s],\"to\":[%d,%d],\"nanoseconds\":%.0f}",
      kernels.name, way.normalize ? "resize+normalize" : "resize", resampler_name(way),
      weights_name(test, way), test.filter_name.c_str(), sizes.c_str(), test.to.width,
      test.to.height, time);
}

void run(int count, char** arguments) {
  double seconds = 0.1;
  std::string only;
  std::vector<Case> cases;
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    if (argument == "--seconds" && i + 1 < count) {
      seconds = std::atof(arguments[++i]);
    } else if (argument == "--kernel" && i + 1 < count) {
      only = arguments[++i];
    } else {
      cases.push_back(parse_case(argument));
    }
  }
  const char* separator = "[\n";
  for (const Case& test : cases) {
    std::vector<Image> images;
    for (const Size& size : test.from) images.emplace_back(size);
    for (const kernels::KernelTable* kernels : kernels::supported_tables()) {
      if (!only.empty() && only != kernels->name) continue;
      for (const Way& way : ways_of(test)) {
        const double time = nanoseconds(test, way, images, *kernels, seconds);
        std::printf("%s", separator);
        print(test, way, *kernels, time);
        separator = ",\n";
      }
    }
  }
  std::printf("\n]\n");
}

}  // namespace

int main(int count, char** arguments) {
  try {
    run(count, arguments);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "kernel_benchmark: %s\n", error.what());
    return 1;
  }
}
