#include "addon/memory_leases.h"

#include <utility>
#include <vector>

namespace pixtok::addon {

void MemoryLeases::on_returned(std::function<void()> notify) {
  const std::lock_guard<std::mutex> lock(mutex_);
  notify_ = std::move(notify);
}

Napi::Value MemoryLeases::begin(Napi::ArrayBuffer memory, std::size_t bytes) {
  const Napi::Env env = memory.Env();
  void* address = memory.Data();
  auto owned = std::make_unique<Lease>(Lease{weak_from_this()});
  Held held{owned.get(), false, Napi::Persistent(memory)};
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    held_.insert_or_assign(address, std::move(held));
  }
  Lease* lease = owned.release();
  napi_value buffer = nullptr;
  const napi_status status =
      napi_create_external_arraybuffer(env, address, bytes, finalize, lease, &buffer);
  if (status == napi_ok) {
    allowance_.spend(env, bytes);
    return Napi::Value(env, buffer);
  }
  Held refused;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::swap(refused, held_[address]);
    held_.erase(address);
    if (refused.returned) --returned_;
  }
  if (status == napi_no_external_buffers_allowed) {
    const std::unique_ptr<Lease> unused(lease);
    return env.Undefined();
  }
  // After other failures nobody says whether finalize() has been called, will be, or not: it finds
  // nothing to return, and what is then never freed is a few bytes.
  throw Napi::Error::New(env);
}

Napi::Value MemoryLeases::end(Napi::ArrayBuffer lease) {
  const Napi::Env env = lease.Env();
  const void* address = lease.Data();
  const std::size_t bytes = lease.ByteLength();
  const Lease* ended = nullptr;
  Memory* held = nullptr;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = held_.find(address);
    if (found == held_.end() || found->second.lease == nullptr) return env.Undefined();
    ended = found->second.lease;
    held = &found->second.memory;  // it stays where it is: only this thread removes it
  }
  const Napi::ArrayBuffer memory = held->Value();
  if (memory.StrictEquals(lease)) return env.Undefined();  // the pool's own, at the same address
  const auto set_lease = [&](const Lease* value) {
    const std::lock_guard<std::mutex> lock(mutex_);
    held_.at(address).lease = value;
  };
  set_lease(nullptr);  // finalize(), now or later, has nothing to return
  allowance_.earn(env, bytes);
  try {
    lease.Detach();
  } catch (const Napi::Error&) {
    set_lease(ended);
    throw;
  }
  allowance_.trim(env);
  Held done;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::swap(done, held_.at(address));
    held_.erase(address);
  }
  return memory;
}

Napi::Array MemoryLeases::take_returned(Napi::Env env) {
  std::vector<Memory> returned;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    returned.reserve(returned_);
    for (auto it = held_.begin(); returned_ > 0 && it != held_.end();) {
      if (!it->second.returned) {
        ++it;
        continue;
      }
      returned.push_back(std::move(it->second.memory));
      it = held_.erase(it);
      --returned_;
    }
  }
  Napi::Array list = Napi::Array::New(env, returned.size());
  for (std::size_t i = 0; i < returned.size(); ++i) {
    list.Set(static_cast<std::uint32_t>(i), returned[i].Value());
  }
  return list;
}

void MemoryLeases::clear() {
  std::unordered_map<const void*, Held> held;
  const std::lock_guard<std::mutex> lock(mutex_);
  held.swap(held_);  // declared before the lock: its references go after it
  returned_ = 0;
  notify_ = nullptr;
}

void MemoryLeases::finalize(napi_env, void* address, void* hint) noexcept {
  const std::unique_ptr<Lease> lease(static_cast<Lease*>(hint));
  const std::shared_ptr<MemoryLeases> leases = lease->leases.lock();
  if (leases == nullptr) return;
  const std::lock_guard<std::mutex> lock(leases->mutex_);
  const auto found = leases->held_.find(address);
  if (found == leases->held_.end() || found->second.lease != lease.get()) return;
  found->second.lease = nullptr;
  found->second.returned = true;
  ++leases->returned_;
  if (leases->returned_ == 1 && leases->notify_) leases->notify_();
}

}  // namespace pixtok::addon
