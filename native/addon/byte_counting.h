#pragma once

#include <napi.h>

namespace pixtok::addon {

// (memory: Uint8Array, slotBytes: number, rows: number[]) => promise of a BigUint64Array with
// three times 256 counts of the slots `rows`: transform/byte_histogram.h. On libuv's threads.
Napi::Value count_bytes(const Napi::CallbackInfo& info);

}  // namespace pixtok::addon
