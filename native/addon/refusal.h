#pragma once

#include <napi.h>

#include <string>

#include "addon/error_codes.h"
#include "core/status.h"

namespace pixtok::addon {

// Why a file is not opened or read, or an image in it: { code, message }.
inline Napi::Object refusal(Napi::Env env, const char* code, const std::string& message) {
  Napi::Object why = Napi::Object::New(env);
  why.Set("code", code);
  why.Set("message", message);
  return why;
}

// Precondition: `status` is not ok.
inline Napi::Object refusal(Napi::Env env, const core::Status& status) {
  return refusal(env, error_code(status.code), status.message);
}

inline Napi::Value refusal_or_null(Napi::Env env, const core::Status& status) {
  return status.ok() ? env.Null() : Napi::Value(refusal(env, status));
}

}  // namespace pixtok::addon
