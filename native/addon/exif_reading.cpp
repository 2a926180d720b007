#include "addon/exif_reading.h"

#include "decode/exif.h"

namespace pixtok::addon {

namespace {

core::Bytes bytes_of(const Napi::Value& value) {
  if (value.IsNull() || value.IsUndefined()) return {};
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    throw Napi::TypeError::New(value.Env(), "exifOrientation: expected a Uint8Array or null");
  }
  const auto array = value.As<Napi::Uint8Array>();
  return {array.Data(), array.ByteLength()};
}

}  // namespace

Napi::Value exif_orientation(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(),
                           decode::exif_orientation(bytes_of(info[0]), bytes_of(info[1])));
}

}  // namespace pixtok::addon
