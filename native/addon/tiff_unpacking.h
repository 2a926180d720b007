#pragma once

#include <napi.h>

namespace pixtok::addon {

// (packed: Uint8Array[], unpacked: Uint8Array[]) => promise of null where each is unpacked to the
// whole of its counterpart, or of { code, message }: decode/tiff/tiff_lzw.h, on libuv's threads.
Napi::Value unpack_tiff_lzw(const Napi::CallbackInfo& info);

}  // namespace pixtok::addon
