#pragma once

#include <napi.h>

namespace pixtok::addon {

// (memory: Float32Array, rows: NativeMixRequest) => promise of a Float64Array with, of each row,
// its own share, 1 where it is cut, and top, left, height and width of the part that is not its
// own: transform/mix_rows.h. On libuv's threads.
Napi::Value mix_rows(const Napi::CallbackInfo& info);

}  // namespace pixtok::addon
