#pragma once

#include <napi.h>

namespace pixtok::addon {

// (blocks: { jpeg: Uint8Array, rows, mayBeTaller }[], tables: Uint8Array | null, layout: { columns,
// components, across, down, isYcc, maxPixels }) => promise of { width, height, tables }[], or of {
// code, message } where libtiff fails with one: decode/tiff/tiff_jpeg.h, on libuv's threads.
// `tables` of a block are those that it finds.
Napi::Value tiff_jpeg_verdict(const Napi::CallbackInfo& info);

}  // namespace pixtok::addon
