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
  YccConversion(Napi::Env env, const decode::YccPicture& picture, const Napi::Uint8Array& samples,
                Napi::Uint8Array rgb)
      : BackgroundWork(env),
        picture_(picture),
        rgb_data_(rgb.Data()),
        samples_(Napi::Persistent(samples)),
        rgb_(Napi::Persistent(rgb)) {}

 private:
  void run() override { decode::ycc_to_rgb(picture_, rgb_data_); }
  Napi::Value result(Napi::Env env) override { return env.Undefined(); }

  decode::YccPicture picture_;
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
  decode::YccPicture picture;
  picture.samples = samples.Data();
  picture.channels = integer(options, "channels");
  picture.width = integer(options, "width");
  picture.height = integer(options, "height");
  picture.bits = integer(options, "bits");
  picture.matrix = static_cast<decode::YccMatrix>(integer(options, "matrix"));
  picture.full_range = flag(options, "fullRange");
  picture.grey = flag(options, "grey");
  picture.half_width = flag(options, "halfWidth");
  picture.half_height = flag(options, "halfHeight");
  const bool possible = (picture.channels == 3 || picture.channels == 4) && picture.width > 0 &&
                        picture.height > 0 &&
                        (picture.bits == 8 || picture.bits == 10 || picture.bits == 12) &&
                        decode::is_known_matrix(integer(options, "matrix"));
  const std::size_t pixels =
      possible ? static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height)
               : 0;
  const std::size_t sample_bytes = picture.bits == 8 ? 1 : 2;
  if (!possible || samples.ByteLength() < pixels * picture.channels * sample_bytes ||
      rgb.ByteLength() < 3 * pixels ||
      reinterpret_cast<std::uintptr_t>(picture.samples) % sample_bytes != 0) {
    throw Napi::RangeError::New(info.Env(), "convertYcc: sizes do not go together");
  }
  return BackgroundWork::start(std::make_unique<YccConversion>(info.Env(), picture, samples, rgb));
}

}  // namespace pixtok::addon
