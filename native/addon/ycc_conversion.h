#pragma once

#include <napi.h>

namespace pixtok::addon {

// (samples: Uint8Array, rgb: Uint8Array, { channels, width, height, bits, matrix, fullRange, grey,
// halfWidth, halfHeight }) => promise, on libuv's threads, where sharp has just decoded the
// samples.
Napi::Value convert_ycc(const Napi::CallbackInfo& info);

}  // namespace pixtok::addon
