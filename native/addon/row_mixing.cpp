#include "addon/row_mixing.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "addon/background_work.h"
#include "addon/byte_arrays.h"
#include "addon/plain_values.h"
#include "core/limits.h"
#include "transform/mix_rows.h"

namespace pixtok::addon {

namespace {

class RowMixing final : public BackgroundWork {
 public:
  RowMixing(Napi::Env env, Napi::Float32Array memory, const transform::FloatRows& rows,
            std::vector<transform::MixedRow> mixes)
      : BackgroundWork(env),
        memory_(Napi::Persistent(memory)),
        rows_(rows),
        mixes_(std::move(mixes)) {}

 private:
  void run() override { transform::mix_rows(rows_, mixes_); }

  Napi::Value result(Napi::Env env) override {
    constexpr std::size_t kNumbers = 6;
    auto drawn = Napi::Float64Array::New(env, kNumbers * mixes_.size());
    double* out = drawn.Data();
    for (const transform::MixedRow& mix : mixes_) {
      const transform::PixelRect& part = mix.part;
      *out++ = mix.share;
      *out++ = mix.is_cut ? 1.0 : 0.0;
      for (const int one : {part.top, part.left, part.height, part.width}) *out++ = one;
    }
    return drawn;
  }

  Napi::Reference<Napi::Float32Array> memory_;
  transform::FloatRows rows_;
  std::vector<transform::MixedRow> mixes_;
};

std::optional<double> alpha_in(const Napi::Object& request, const char* name) {
  if (request.Get(name).IsNull()) return std::nullopt;
  return number(request, name);
}

}  // namespace

Napi::Value mix_rows(const Napi::CallbackInfo& info) {
  constexpr std::int64_t kMostNumber = INT64_C(1) << 53;
  const Napi::Env env = info.Env();
  auto memory = require_array(info[0], napi_float32_array, "memory").As<Napi::Float32Array>();
  if (!info[1].IsObject()) throw Napi::TypeError::New(env, "mixRows: wrong arguments");
  const auto request = info[1].As<Napi::Object>();
  const auto side = [&](const char* name) {
    return static_cast<int>(integer(request, name, 1, core::kMaxSide));
  };
  const transform::FloatRows rows{
      memory.Data(), side("width"), side("height"),
      flag(request, "hwc") ? kernels::Layout::kHwc : kernels::Layout::kChw};
  const transform::RandomMix options{alpha_in(request, "mixUp"), alpha_in(request, "cutMix")};
  core::RandomKey key;
  key.seed = static_cast<std::uint64_t>(integer(request, "seed", 0, kMostNumber));
  key.epoch = static_cast<std::uint64_t>(integer(request, "epoch", 0, kMostNumber));
  if (!request.Get("indices").IsArray()) {
    throw Napi::TypeError::New(env, "indices: expected an array");
  }
  const auto indices = request.Get("indices").As<Napi::Array>();
  const std::size_t count = indices.Length();
  if (count == 0 || memory.ElementLength() / rows.row_values() < count) {
    throw Napi::RangeError::New(env, "mixRows: no room for the rows");
  }
  std::vector<transform::MixedRow> mixes;
  mixes.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const Napi::HandleScope scope(env);
    const double index = indices.Get(i).ToNumber().DoubleValue();
    key.index = static_cast<std::uint64_t>(std::max(0.0, index));
    mixes.push_back(transform::draw_mix(options, key, rows.width, rows.height));
  }
  return BackgroundWork::start(std::make_unique<RowMixing>(env, memory, rows, std::move(mixes)));
}

}  // namespace pixtok::addon
