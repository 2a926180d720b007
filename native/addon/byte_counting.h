#pragma once

#include <napi.h>

#include "addon/batch_memory.h"

namespace pixtok::addon {

// (memory: ArrayBuffer, slotBytes: number, rows: number[]) => promise of a BigUint64Array with
// three times 256 counts of the slots `rows`: transform/byte_histogram.h. On libuv's threads.
Napi::Value count_bytes(const Napi::CallbackInfo& info, const BatchMemory& batches);

}  // namespace pixtok::addon
