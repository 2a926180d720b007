#include "addon/float_preparation.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "addon/background_work.h"
#include "addon/byte_arrays.h"
#include "kernels/kernel_table.h"
#include "transform/float_image.h"

namespace pixtok::addon {

namespace {

using transform::FloatFilter;
using transform::FloatImage;

constexpr const char* kFilters[] = {"nearest",  "antialiased-bilinear",      "antialiased-bicubic",
                                    "bilinear", "bilinear-corner-to-corner", "blurred-bilinear"};
constexpr int kMostSide = 1 << 24;

struct Resize {
  FloatFilter filter = FloatFilter::kNearest;
  int width = 0;
  int height = 0;
};

struct Normalization {
  std::array<double, 3> mean{};
  std::array<double, 3> std{};
};

struct FloatPlan {
  int width = 0;
  int height = 0;
  std::optional<transform::MirroredEdges> edges;
  std::optional<Resize> resize;
  std::optional<Normalization> normalization;
};

class FloatPreparation final : public BackgroundWork {
 public:
  FloatPreparation(Napi::Env env, FloatPlan plan, Napi::Float32Array source,
                   Napi::Float32Array target)
      : BackgroundWork(env),
        plan_(std::move(plan)),
        from_(source.Data()),
        to_(target.Data()),
        to_bytes_(target.ByteLength()),
        source_(Napi::Persistent(source)),
        target_(Napi::Persistent(target)) {}

 private:
  void run() override {
    FloatImage image{plan_.width, plan_.height, {}};
    const float* planes = from_;
    if (plan_.edges || !plan_.resize) {
      image = transform::mirror(from_, plan_.width, plan_.height,
                                plan_.edges.value_or(transform::MirroredEdges{}));
      planes = image.values.data();
    }
    if (plan_.resize) {
      image = transform::resize_floats(planes, image.width, image.height, plan_.resize->filter,
                                       plan_.resize->width, plan_.resize->height,
                                       kernels::chosen().float_resize);
    }
    if (plan_.normalization) {
      transform::normalize_floats(image, plan_.normalization->mean, plan_.normalization->std);
    }
    std::memcpy(to_, image.values.data(), to_bytes_);
  }

  Napi::Value result(Napi::Env env) override { return env.Undefined(); }

  FloatPlan plan_;
  const float* from_;
  float* to_;
  std::size_t to_bytes_;
  Napi::Reference<Napi::Float32Array> source_;
  Napi::Reference<Napi::Float32Array> target_;
};

// From 0; -1 for what is no such number.
int side_of(const Napi::Object& options, const char* name) {
  const double side = options.Get(name).ToNumber().DoubleValue();
  return side >= 0 && side <= kMostSide ? static_cast<int>(side) : -1;
}

std::optional<FloatFilter> filter_named(const std::string& name) {
  for (int i = 0; i < static_cast<int>(std::size(kFilters)); ++i) {
    if (name == kFilters[i]) return static_cast<FloatFilter>(i);
  }
  return std::nullopt;
}

std::array<double, 3> per_channel(const Napi::Object& options, const char* name) {
  const auto list = options.Get(name).As<Napi::Object>();
  std::array<double, 3> numbers{};
  for (std::uint32_t i = 0; i < 3; ++i) numbers[i] = list.Get(i).ToNumber().DoubleValue();
  return numbers;
}

std::size_t value_count(int width, int height) {
  return std::size_t{3} * static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
}

// Nothing where sizes and arrays do not go together.
std::optional<FloatPlan> plan_of(const Napi::Object& options, std::size_t source_values,
                                 std::size_t target_values) {
  FloatPlan plan;
  plan.width = side_of(options, "width");
  plan.height = side_of(options, "height");
  if (plan.width < 1 || plan.height < 1) return std::nullopt;
  int width = plan.width;
  int height = plan.height;
  const Napi::Value mirror = options.Get("mirror");
  if (mirror.IsObject()) {
    const auto edges = mirror.As<Napi::Object>();
    plan.edges = transform::MirroredEdges{side_of(edges, "left"), side_of(edges, "top"),
                                          side_of(edges, "right"), side_of(edges, "bottom"),
                                          edges.Get("repeatsEdge").ToBoolean().Value()};
    if (plan.edges->left < 0 || plan.edges->top < 0 || plan.edges->right < 0 ||
        plan.edges->bottom < 0) {
      return std::nullopt;
    }
    width += plan.edges->left + plan.edges->right;
    height += plan.edges->top + plan.edges->bottom;
  }
  const Napi::Value resize = options.Get("resize");
  if (resize.IsObject()) {
    const auto to = resize.As<Napi::Object>();
    const auto filter = filter_named(to.Get("filter").ToString().Utf8Value());
    width = side_of(to, "width");
    height = side_of(to, "height");
    if (!filter || width < 1 || height < 1) return std::nullopt;
    plan.resize = Resize{*filter, width, height};
  }
  const Napi::Value normalize = options.Get("normalize");
  if (normalize.IsObject()) {
    const auto numbers = normalize.As<Napi::Object>();
    plan.normalization = Normalization{per_channel(numbers, "mean"), per_channel(numbers, "std")};
  }
  const bool fits = value_count(plan.width, plan.height) == source_values &&
                    value_count(width, height) == target_values;
  return fits ? std::optional<FloatPlan>(std::move(plan)) : std::nullopt;
}

Napi::Float32Array require_floats(const Napi::Value& value, const char* name) {
  return require_array(value, napi_float32_array, name).As<Napi::Float32Array>();
}

}  // namespace

Napi::Value prepare_floats(const Napi::CallbackInfo& info) {
  if (!info[2].IsObject()) {
    throw Napi::TypeError::New(info.Env(), "prepareFloats: wrong arguments");
  }
  const Napi::Float32Array source = require_floats(info[0], "source");
  const Napi::Float32Array target = require_floats(info[1], "target");
  std::optional<FloatPlan> plan =
      plan_of(info[2].As<Napi::Object>(), source.ElementLength(), target.ElementLength());
  if (!plan) {
    throw Napi::RangeError::New(info.Env(), "prepareFloats: sizes do not go together");
  }
  return BackgroundWork::start(
      std::make_unique<FloatPreparation>(info.Env(), std::move(*plan), source, target));
}

}  // namespace pixtok::addon
