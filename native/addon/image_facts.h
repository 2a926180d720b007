#pragma once

#include <napi.h>

// What other decoders than ours leave to be found out about an image file.
namespace pixtok::addon {

// (exif: Uint8Array | null, xmp: Uint8Array | null) => number: decode/exif.h
Napi::Value exif_orientation(const Napi::CallbackInfo& info);

// (file: Uint8Array) => number: of a JPEG file, 1 to 8; 1 where its header cannot be read.
Napi::Value jpeg_orientation(const Napi::CallbackInfo& info);

// (file: Uint8Array) => the format that only decoders of our own read, or null.
Napi::Value stored_format(const Napi::CallbackInfo& info);

// (file: Uint8Array) => { width, height, mode } of a file that only decoders of our own read, as
// Pillow gives them, or { code, message } where it has none. Precondition: it is of such a format.
Napi::Value stored_image(const Napi::CallbackInfo& info);

// (file: Uint8Array) => { width, height, hasAlpha, orientation } of a WebP file, as Pillow gives
// them, or { code, message } where it does not open it. Pixels are not looked at. Precondition: it
// has the signature of one.
Napi::Value webp_image(const Napi::CallbackInfo& info);

// (file: Uint8Array, maxPixels: number) => promise of null where Pillow opens this JPEG file, or of
// { code, message }; the code is DECLINED where there is no verdict. On libuv's threads.
Napi::Value jpeg_verdict(const Napi::CallbackInfo& info);

}  // namespace pixtok::addon
