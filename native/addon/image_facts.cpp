#include "addon/image_facts.h"

#include <cstdint>
#include <memory>

#include "addon/background_work.h"
#include "addon/byte_arrays.h"
#include "addon/error_codes.h"
#include "decode/exif.h"
#include "decode/file_signature.h"
#include "decode/jpeg/jpeg_header.h"
#include "decode/jpeg/jpeg_verdict.h"

namespace pixtok::addon {

namespace {

core::Bytes bytes_or_none(const Napi::Value& value, const char* name) {
  if (value.IsNull()) return {};
  return bytes_of(require_bytes(value, name));
}

class JpegJudging final : public BackgroundWork {
 public:
  JpegJudging(Napi::Env env, const Napi::Uint8Array& file, std::int64_t max_pixels)
      : BackgroundWork(env),
        array_(Napi::Persistent(file)),
        file_(bytes_of(file)),
        max_pixels_(max_pixels) {}

 private:
  void run() override {
    decode::JpegHeader header;
    status_ = decode::read_jpeg_header(file_, header);
    if (!status_.ok()) return;
    const bool too_large = static_cast<std::int64_t>(header.width) * header.height > max_pixels_;
    status_ = too_large ? decode::too_many_pixels(header.width, header.height, max_pixels_)
                        : decode::judge_jpeg(file_);
  }

  Napi::Value result(Napi::Env env) override {
    if (status_.ok()) return env.Null();
    Napi::Object refusal = Napi::Object::New(env);
    refusal.Set("code", error_code(status_.code));
    refusal.Set("message", status_.message);
    return refusal;
  }

  Napi::Reference<Napi::Uint8Array> array_;
  core::Bytes file_;
  std::int64_t max_pixels_;
  core::Status status_;
};

}  // namespace

Napi::Value exif_orientation(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), decode::exif_orientation(bytes_or_none(info[0], "exif"),
                                                                bytes_or_none(info[1], "xmp")));
}

Napi::Value jpeg_orientation(const Napi::CallbackInfo& info) {
  decode::JpegHeader header;
  const core::Status status =
      decode::read_jpeg_header(bytes_of(require_bytes(info[0], "file")), header);
  return Napi::Number::New(info.Env(), status.ok() ? header.orientation() : 1);
}

Napi::Value judge_jpeg(const Napi::CallbackInfo& info) {
  if (!info[1].IsNumber()) {
    throw Napi::TypeError::New(info.Env(), "maxPixels: expected a number");
  }
  return BackgroundWork::start(std::make_unique<JpegJudging>(
      info.Env(), require_bytes(info[0], "file"), info[1].As<Napi::Number>().Int64Value()));
}

}  // namespace pixtok::addon
