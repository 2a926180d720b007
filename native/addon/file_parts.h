#pragma once

#include <napi.h>

#include "addon/storage_reads.h"

namespace pixtok::addon {

// (paths: string[], numbers: Float64Array, memory: Uint8Array) => { each: number, done: Promise[] }
//
// Reads parts of files, each of them opened for it and closed. The numbers say of each file how
// many bytes it should have and how many parts follow, and of each part where it begins in the
// file, its bytes, and where these go in the memory. Every `each` files are one piece of work,
// whose promise resolves with null, or a list of what there is about its files: null, { code,
// message }, or { fileBytes } of one that has another number of bytes. The memory is not to be
// transferred meanwhile.
Napi::Value read_parts(const Napi::CallbackInfo& info, StorageReads& storage);

}  // namespace pixtok::addon
