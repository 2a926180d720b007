#pragma once

#include <napi.h>

#include <memory>
#include <unordered_map>

#include "core/buffer_pool.h"

namespace pixtok::addon {

// Batch memory as ArrayBuffers. It goes back to the pool when it is released, or else when the
// garbage collector finds the ArrayBuffer.
class BatchMemory : public std::enable_shared_from_this<BatchMemory> {
 public:
  Napi::ArrayBuffer allocate(Napi::Env env, std::size_t bytes);

  // The memory of an ArrayBuffer in use; null for one that is not ours or was released.
  std::shared_ptr<core::BufferPool::Block> owner_of(Napi::ArrayBuffer buffer) const;

  // Detaches the ArrayBuffer, so that nobody can reach memory that a later batch writes into. One
  // that is not ours, or was released before, is left alone.
  void release(Napi::ArrayBuffer buffer);

 private:
  using Owner = std::shared_ptr<core::BufferPool::Block>;

  std::shared_ptr<core::BufferPool> pool_ = std::make_shared<core::BufferPool>();
  std::unordered_map<const void*, Owner*> owners_;  // by address, of ArrayBuffers in use
};

}  // namespace pixtok::addon
