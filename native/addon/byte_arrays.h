#pragma once

#include <napi.h>

#include "core/bytes.h"

namespace pixtok::addon {

// The value where it is a typed array of this type, over memory that stays as it is while threads
// of ours are at it: not shared with other threads of JavaScript, nor of a size that can change.
// Throws Napi::TypeError, which names it `name`.
Napi::TypedArray require_array(const Napi::Value& value, napi_typedarray_type type,
                               const char* name);

inline Napi::Uint8Array require_bytes(const Napi::Value& value, const char* name) {
  return require_array(value, napi_uint8_array, name).As<Napi::Uint8Array>();
}

// Precondition: `array` is kept alive, and its memory is not transferred, while they are used.
inline core::Bytes bytes_of(const Napi::Uint8Array& array) {
  return {array.Data(), array.ByteLength()};
}

}  // namespace pixtok::addon
