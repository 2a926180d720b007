#include "addon/batch_memory.h"

#include <utility>

namespace pixtok::addon {

Napi::ArrayBuffer BatchMemory::allocate(Napi::Env env, std::size_t bytes) {
  auto owner = std::make_unique<Owner>(pool_->acquire(bytes));
  void* address = (*owner)->memory.get();
  owners_[address] = owner.get();
  std::weak_ptr<BatchMemory> weak = shared_from_this();
  auto finalize = [weak](Napi::Env, void* finalized, Owner* finished) {
    std::unique_ptr<Owner> holder(finished);
    const std::shared_ptr<BatchMemory> memory = weak.lock();
    if (memory == nullptr) return;
    // After a release the address may already belong to another ArrayBuffer.
    const auto found = memory->owners_.find(finalized);
    if (found != memory->owners_.end() && found->second == finished) memory->owners_.erase(found);
  };
  return Napi::ArrayBuffer::New(env, address, bytes, std::move(finalize), owner.release());
}

std::shared_ptr<core::BufferPool::Block> BatchMemory::owner_of(Napi::ArrayBuffer buffer) const {
  const auto found = owners_.find(buffer.Data());
  return found == owners_.end() ? nullptr : *found->second;
}

void BatchMemory::release(Napi::ArrayBuffer buffer) {
  const auto found = owners_.find(buffer.Data());
  if (found == owners_.end()) return;
  Owner* owner = found->second;
  owners_.erase(found);
  buffer.Detach();
  owner->reset();  // the holder itself goes with the finalizer, which may run later
}

}  // namespace pixtok::addon
