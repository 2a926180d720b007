#pragma once

#include <napi.h>

#include "addon/error_codes.h"
#include "core/status.h"

namespace pixtok::addon {

// Null, or why an image file is not opened: { code, message }.
inline Napi::Value refusal_or_null(Napi::Env env, const core::Status& status) {
  if (status.ok()) return env.Null();
  Napi::Object refusal = Napi::Object::New(env);
  refusal.Set("code", error_code(status.code));
  refusal.Set("message", status.message);
  return refusal;
}

}  // namespace pixtok::addon
