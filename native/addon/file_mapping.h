#pragma once

#include <napi.h>

namespace pixtok::addon {

// (path: string, mostBytes: number) => { bytes: ArrayBuffer } or { code, message }. The ArrayBuffer
// is for reading alone: a write into it ends the process.
Napi::Value map_file(const Napi::CallbackInfo& info);

}  // namespace pixtok::addon
