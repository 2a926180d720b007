#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "core/buffer_pool.h"

namespace pixtok::addon {

// Batch memory as ArrayBuffers. It goes back to the pool when it is released, or else when the
// garbage collector finds the ArrayBuffer.
//
// V8 counts the bytes of every ArrayBuffer and collects garbage when there are many. What a loader
// has in flight is not garbage, and looking for it once a batch costs as much as a tenth of the
// decoding; so V8 is told of no more than what goes beyond kExpectedBytes.
class BatchMemory : public std::enable_shared_from_this<BatchMemory> {
 public:
  Napi::ArrayBuffer allocate(Napi::Env env, std::size_t bytes);

  // The memory of an ArrayBuffer in use; null for one that is not ours or was released.
  std::shared_ptr<core::BufferPool::Block> owner_of(Napi::ArrayBuffer buffer) const;

  // Detaches the ArrayBuffer, so that nobody can reach memory that a later batch writes into. One
  // that is not ours, or was released before, is left alone.
  void release(Napi::ArrayBuffer buffer);

 private:
  struct Owner {
    std::shared_ptr<core::BufferPool::Block> block;
    std::size_t bytes;
  };

  static constexpr std::int64_t kExpectedBytes = std::int64_t{256} << 20;

  // For `change` bytes more, or fewer, that V8 counts.
  void count(Napi::Env env, std::int64_t change);

  std::shared_ptr<core::BufferPool> pool_ = std::make_shared<core::BufferPool>();
  std::unordered_map<const void*, Owner*> owners_;  // by address, of ArrayBuffers in use
  std::int64_t used_bytes_ = 0;
  std::int64_t untold_bytes_ = 0;
};

}  // namespace pixtok::addon
