#pragma once

#include <napi.h>

namespace pixtok::addon {

// (source: Float32Array, target: Float32Array, options: object) => promise of undefined: mirrors,
// resizes and normalizes three planes, each where the options say so (transform/float_image.h). On
// libuv's threads.
Napi::Value prepare_floats(const Napi::CallbackInfo& info);

}  // namespace pixtok::addon
