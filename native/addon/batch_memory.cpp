#include "addon/batch_memory.h"

#include <algorithm>
#include <utility>

namespace pixtok::addon {

Napi::ArrayBuffer BatchMemory::allocate(Napi::Env env, std::size_t bytes) {
  auto owner = std::make_unique<Owner>(Owner{pool_->acquire(bytes), bytes});
  void* address = owner->block->memory.get();
  owners_[address] = owner.get();
  std::weak_ptr<BatchMemory> weak = shared_from_this();
  auto finalize = [weak](Napi::Env finalizing, void* finalized, Owner* finished) {
    std::unique_ptr<Owner> holder(finished);
    const std::shared_ptr<BatchMemory> memory = weak.lock();
    if (memory == nullptr) return;
    // After a release the address may already belong to another ArrayBuffer.
    const auto found = memory->owners_.find(finalized);
    if (found == memory->owners_.end() || found->second != finished) return;
    memory->owners_.erase(found);
    memory->count(finalizing, -static_cast<std::int64_t>(finished->bytes));
  };
  const Napi::ArrayBuffer buffer =
      Napi::ArrayBuffer::New(env, address, bytes, std::move(finalize), owner.release());
  count(env, static_cast<std::int64_t>(bytes));
  return buffer;
}

std::shared_ptr<core::BufferPool::Block> BatchMemory::owner_of(Napi::ArrayBuffer buffer) const {
  const auto found = owners_.find(buffer.Data());
  return found == owners_.end() ? nullptr : found->second->block;
}

void BatchMemory::release(Napi::ArrayBuffer buffer) {
  const auto found = owners_.find(buffer.Data());
  if (found == owners_.end()) return;
  Owner* owner = found->second;
  owners_.erase(found);
  // Before V8 counts them itself: were its count ever below zero, it would take that for the level
  // that it grows from.
  count(buffer.Env(), -static_cast<std::int64_t>(owner->bytes));
  buffer.Detach();
  owner->block.reset();  // the holder itself goes with the finalizer, which may run later
}

void BatchMemory::count(Napi::Env env, std::int64_t change) {
  used_bytes_ += change;
  const std::int64_t untold = std::min(used_bytes_, kExpectedBytes);
  if (untold != untold_bytes_) {
    Napi::MemoryManagement::AdjustExternalMemory(env, untold_bytes_ - untold);
  }
  untold_bytes_ = untold;
}

}  // namespace pixtok::addon
