#include "addon/ycc_conversion.h"

#include <cstdint>
#include <memory>

#include "addon/background_work.h"
#include "addon/byte_arrays.h"
#include "decode/ycc_to_rgb.h"

namespace pixtok::addon {

namespace {

class YccConversion final : public BackgroundWork {
 public:
  YccConversion(Napi::Env env, const decode::YccImage& image, const Napi::Uint8Array& samples,
                Napi::Uint8Array rgb)
      : BackgroundWork(env),
        image_(image),
        rgb_data_(rgb.Data()),
        samples_(Napi::Persistent(samples)),
        rgb_(Napi::Persistent(rgb)) {}

 private:
  void run() override { decode::ycc_to_rgb(image_, rgb_data_); }
  Napi::Value result(Napi::Env env) override { return env.Undefined(); }

  decode::YccImage image_;
  std::uint8_t* rgb_data_;
  Napi::Reference<Napi::Uint8Array> samples_;
  Napi::Reference<Napi::Uint8Array> rgb_;
};

int integer(const Napi::Object& options, const char* name) {
  return options.Get(name).ToNumber().Int32Value();
}

bool flag(const Napi::Object& options, const char* name) {
  return options.Get(name).ToBoolean().Value();
}

}  // namespace

Napi::Value convert_ycc(const Napi::CallbackInfo& info) {
  if (!info[2].IsObject()) {
    throw Napi::TypeError::New(info.Env(), "convertYcc: wrong arguments");
  }
  const Napi::Uint8Array samples = require_bytes(info[0], "samples");
  const Napi::Uint8Array rgb = require_bytes(info[1], "rgb");
  const auto options = info[2].As<Napi::Object>();
  decode::YccImage image;
  image.samples = samples.Data();
  image.channels = integer(options, "channels");
  image.width = integer(options, "width");
  image.height = integer(options, "height");
  image.bits = integer(options, "bits");
  image.matrix = static_cast<decode::YccMatrix>(integer(options, "matrix"));
  image.full_range = flag(options, "fullRange");
  image.grey = flag(options, "grey");
  image.half_width = flag(options, "halfWidth");
  image.half_height = flag(options, "halfHeight");
  const bool possible = (image.channels == 3 || image.channels == 4) && image.width > 0 &&
                        image.height > 0 &&
                        (image.bits == 8 || image.bits == 10 || image.bits == 12) &&
                        decode::is_known_matrix(integer(options, "matrix"));
  const std::size_t pixels =
      possible ? static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) : 0;
  const std::size_t sample_bytes = image.bits == 8 ? 1 : 2;
  if (!possible || samples.ByteLength() < pixels * image.channels * sample_bytes ||
      rgb.ByteLength() < 3 * pixels ||
      reinterpret_cast<std::uintptr_t>(image.samples) % sample_bytes != 0) {
    throw Napi::RangeError::New(info.Env(), "convertYcc: sizes do not go together");
  }
  return BackgroundWork::start(std::make_unique<YccConversion>(info.Env(), image, samples, rgb));
}

}  // namespace pixtok::addon
