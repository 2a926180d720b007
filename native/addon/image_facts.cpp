#include "addon/image_facts.h"

#include <cstdint>
#include <memory>

#include "addon/background_work.h"
#include "addon/byte_arrays.h"
#include "addon/refusal.h"
#include "decode/bmp/bmp_header.h"
#include "decode/exif.h"
#include "decode/file_signature.h"
#include "decode/gif/gif_frame.h"
#include "decode/image_fault.h"
#include "decode/jpeg/jpeg_header.h"
#include "decode/jpeg/jpeg_verdict.h"
#include "decode/netpbm/netpbm_header.h"
#include "decode/qoi/qoi_header.h"
#include "decode/tga/tga_header.h"
#include "decode/webp/webp_file.h"

namespace pixtok::addon {

namespace {

core::Bytes bytes_or_none(const Napi::Value& value, const char* name) {
  if (value.IsNull()) return {};
  return bytes_of(require_bytes(value, name));
}

struct StoredImage {
  int width = 0;
  int height = 0;
  core::PixelFormat format = core::PixelFormat::kRgb;
};

StoredImage image_of(const decode::StoredRows& rows, core::PixelFormat format) {
  return {rows.width, rows.height, format};
}

core::Status read_stored_image(core::Bytes file, StoredImage& image) {
  core::Status status;
  if (decode::is_gif(file.data, file.size)) {
    decode::GifFrame frame;
    status = decode::read_gif_frame(file, frame);
    image = {frame.width, frame.height, core::PixelFormat::kIndexed};
  } else if (decode::is_bmp(file.data, file.size)) {
    decode::BmpHeader header;
    status = decode::read_bmp_header(file, header);
    image = image_of(header.rows, decode::unpacked_format(header.rows.format));
  } else if (decode::is_netpbm(file)) {
    decode::NetpbmHeader header;
    status = decode::read_netpbm_header(file, header);
    image = image_of(header.rows, header.format);
  } else if (decode::is_qoi(file.data, file.size)) {
    decode::QoiHeader header;
    status = decode::read_qoi_header(file, header);
    const auto format = header.has_alpha ? core::PixelFormat::kRgba : core::PixelFormat::kRgb;
    image = {header.width, header.height, format};
  } else {
    decode::TgaHeader header;
    status = decode::read_tga_header(file, header);
    image = image_of(header.rows, decode::unpacked_format(header.rows.format));
  }
  return status;
}

// Null where no decoder of the addon alone reads it.
const char* stored_format_of(core::Bytes file) {
  if (decode::is_gif(file.data, file.size)) return "gif";
  if (decode::is_bmp(file.data, file.size)) return "bmp";
  if (decode::is_netpbm(file)) return "netpbm";
  if (decode::is_qoi(file.data, file.size)) return "qoi";
  return decode::is_tga(file) ? "tga" : nullptr;
}

const char* mode_of(core::PixelFormat format) {
  switch (format) {
    case core::PixelFormat::kGrey:
      return "grey";
    case core::PixelFormat::kGreyAlpha:
      return "grey-alpha";
    case core::PixelFormat::kRgba:
      return "rgba";
    case core::PixelFormat::kCmyk:
      return "cmyk";
    case core::PixelFormat::kIndexed:
      return "palette";
    default:
      return "rgb";
  }
}

class JpegVerdict final : public BackgroundWork {
 public:
  JpegVerdict(Napi::Env env, const Napi::Uint8Array& file, std::int64_t max_pixels)
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
                        : decode::jpeg_verdict(file_);
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

Napi::Value stored_format(const Napi::CallbackInfo& info) {
  const char* format = stored_format_of(bytes_of(require_bytes(info[0], "file")));
  return format == nullptr ? info.Env().Null() : Napi::String::New(info.Env(), format);
}

Napi::Value stored_image(const Napi::CallbackInfo& info) {
  StoredImage image;
  const core::Status status = read_stored_image(bytes_of(require_bytes(info[0], "file")), image);
  if (!status.ok()) return refusal_or_null(info.Env(), status);
  Napi::Object facts = Napi::Object::New(info.Env());
  facts.Set("width", image.width);
  facts.Set("height", image.height);
  facts.Set("mode", mode_of(image.format));
  return facts;
}

Napi::Value webp_image(const Napi::CallbackInfo& info) {
  const core::Bytes file = bytes_of(require_bytes(info[0], "file"));
  if (!decode::is_webp(file.data, file.size)) {
    throw Napi::TypeError::New(info.Env(), "file: expected a WebP file");
  }
  decode::WebpFile webp;
  const core::Status status = decode::read_webp_file(file, webp);
  if (!status.ok()) return refusal_or_null(info.Env(), status);
  Napi::Object facts = Napi::Object::New(info.Env());
  facts.Set("width", webp.width);
  facts.Set("height", webp.height);
  facts.Set("hasAlpha", webp.has_alpha);
  facts.Set("orientation", decode::webp_orientation(webp));
  return facts;
}

Napi::Value jpeg_verdict(const Napi::CallbackInfo& info) {
  if (!info[1].IsNumber()) {
    throw Napi::TypeError::New(info.Env(), "maxPixels: expected a number");
  }
  return BackgroundWork::start(std::make_unique<JpegVerdict>(
      info.Env(), require_bytes(info[0], "file"), info[1].As<Napi::Number>().Int64Value()));
}

}  // namespace pixtok::addon
