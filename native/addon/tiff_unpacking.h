#pragma once

#include <napi.h>

namespace pixtok::addon {

// (packed: Uint8Array[], unpacked: Uint8Array[]) => promise of null where each is unpacked to the
// whole of its counterpart, or of { code, message }: decode/tiff/tiff_lzw.h, on libuv's threads.
Napi::Value unpack_tiff_lzw(const Napi::CallbackInfo& info);

// As above, with (…, coding: "rows" | "group3" | "group3Mixed" | "group4", width: number) behind:
// decode/tiff/tiff_fax.h. All strips or tiles of an image, in their order.
Napi::Value unpack_tiff_fax(const Napi::CallbackInfo& info);

}  // namespace pixtok::addon
