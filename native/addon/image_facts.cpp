#include "addon/image_facts.h"

#include <cstdint>
#include <memory>

#include "addon/background_work.h"
#include "addon/byte_arrays.h"
#include "addon/refusal.h"
#include "decode/exif.h"
#include "decode/gif/gif_frame.h"
#include "decode/image_fault.h"
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

  Napi::Value result(Napi::Env env) override { return refusal_or_null(env, status_); }

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

Napi::Value gif_size(const Napi::CallbackInfo& info) {
  decode::GifFrame frame;
  const core::Status status =
      decode::read_gif_frame(bytes_of(require_bytes(info[0], "file")), frame);
  if (!status.ok()) return refusal_or_null(info.Env(), status);
  Napi::Object size = Napi::Object::New(info.Env());
  size.Set("width", frame.width);
  size.Set("height", frame.height);
  return size;
}

Napi::Value judge_jpeg(const Napi::CallbackInfo& info) {
  if (!info[1].IsNumber()) {
    throw Napi::TypeError::New(info.Env(), "maxPixels: expected a number");
  }
  return BackgroundWork::start(std::make_unique<JpegJudging>(
      info.Env(), require_bytes(info[0], "file"), info[1].As<Napi::Number>().Int64Value()));
}

}  // namespace pixtok::addon
