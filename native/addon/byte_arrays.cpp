#include "addon/byte_arrays.h"

#include <string>

namespace pixtok::addon {

Napi::TypedArray require_array(const Napi::Value& value, napi_typedarray_type type,
                               const char* name) {
  const auto refuse = [&](const char* expected) {
    return Napi::TypeError::New(value.Env(), std::string(name) + ": expected " + expected);
  };
  if (!value.IsTypedArray()) throw refuse("a typed array");
  const Napi::Value buffer = value.As<Napi::Object>().Get("buffer");
  if (!buffer.IsArrayBuffer()) throw refuse("memory that is not shared");
  if (buffer.As<Napi::Object>().Get("resizable").ToBoolean().Value()) {
    throw refuse("memory whose size cannot change");
  }
  const auto array = value.As<Napi::TypedArray>();
  if (array.TypedArrayType() != type) throw refuse("a typed array of another type");
  return array;
}

}  // namespace pixtok::addon
