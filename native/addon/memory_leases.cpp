#include "addon/memory_leases.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace pixtok::addon {

Napi::Value MemoryLeases::begin(Napi::ArrayBuffer memory) {
  const Napi::Env env = memory.Env();
  void* address = memory.Data();
  const std::size_t bytes = memory.ByteLength();
  auto* lease = std::make_unique<Lease>(Lease{weak_from_this()}).release();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    held_.insert_or_assign(address, Held{lease, Napi::Persistent(memory)});
  }
  napi_value buffer = nullptr;
  const napi_status status =
      napi_create_external_arraybuffer(env, address, bytes, finalize, lease, &buffer);
  if (status == napi_ok) {
    use_allowance(env, bytes);
    return Napi::Value(env, buffer);
  }
  take_back(address, lease);
  if (status == napi_no_external_buffers_allowed) {
    const std::unique_ptr<Lease> unused(lease);
    return env.Undefined();
  }
  // Of other failures nobody says whether finalize() has been called, will be, or not: it finds
  // nothing to take back, and what is then never freed is a few bytes.
  throw Napi::Error::New(env);
}

Napi::Value MemoryLeases::end(Napi::ArrayBuffer lease) {
  const Napi::Env env = lease.Env();
  const void* address = lease.Data();
  const Lease* known = nullptr;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = held_.find(address);
    // The pool's own array buffer has the same address.
    if (found != held_.end() && !found->second.memory.Value().StrictEquals(lease)) {
      known = found->second.lease;
    }
  }
  if (known == nullptr) return env.Undefined();
  const Memory memory = take_back(address, known);
  // Before V8 counts less, or it would take that for the level that it grows from.
  tell(env, lease.ByteLength());
  lease.Detach();
  return memory.Value();
}

Napi::Array MemoryLeases::take_returned(Napi::Env env) {
  std::vector<Memory> returned;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    returned.swap(returned_);
  }
  Napi::Array list = Napi::Array::New(env, returned.size());
  for (std::size_t i = 0; i < returned.size(); ++i) {
    list.Set(static_cast<std::uint32_t>(i), returned[i].Value());
  }
  return list;
}

void MemoryLeases::clear() {
  const std::lock_guard<std::mutex> lock(mutex_);
  held_.clear();
  returned_.clear();
}

void MemoryLeases::finalize(napi_env, void* address, void* hint) noexcept {
  const std::unique_ptr<Lease> lease(static_cast<Lease*>(hint));
  const std::shared_ptr<MemoryLeases> leases = lease->leases.lock();
  if (leases == nullptr) return;
  const std::lock_guard<std::mutex> lock(leases->mutex_);
  const auto found = leases->held_.find(address);
  if (found == leases->held_.end() || found->second.lease != lease.get()) return;
  leases->returned_.push_back(std::move(found->second.memory));
  leases->held_.erase(found);
}

MemoryLeases::Memory MemoryLeases::take_back(const void* address, const Lease* lease) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = held_.find(address);
  if (found == held_.end() || found->second.lease != lease) return {};
  Memory memory = std::move(found->second.memory);
  held_.erase(found);
  return memory;
}

void MemoryLeases::tell(Napi::Env env, std::size_t bytes) {
  if (most_allowance_ == 0 || bytes == 0) return;
  Napi::MemoryManagement::AdjustExternalMemory(env, static_cast<std::int64_t>(bytes));
  allowance_ += bytes;
}

void MemoryLeases::use_allowance(Napi::Env env, std::size_t bytes) {
  if (most_allowance_ == 0) return;
  if (allowance_ < bytes) {
    made_up_to_ = std::min(most_allowance_, std::max(kLeasesAtFirst * bytes, 2 * made_up_to_));
    if (made_up_to_ > allowance_) tell(env, made_up_to_ - allowance_);
  }
  const std::size_t used = std::min(bytes, allowance_);
  Napi::MemoryManagement::AdjustExternalMemory(env, -static_cast<std::int64_t>(used));
  allowance_ -= used;
}

}  // namespace pixtok::addon
