#pragma once

#include <napi.h>

namespace pixtok::addon {

// (exif: Uint8Array | null, xmp: Uint8Array | null) => number: decode/exif.h
Napi::Value exif_orientation(const Napi::CallbackInfo& info);

}  // namespace pixtok::addon
