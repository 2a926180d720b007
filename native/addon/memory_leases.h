#pragma once

#include <napi.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "addon/memory_allowance.h"

namespace pixtok::addon {

// Memory of the pool (src/native/batch-memory.ts) while a user has it.
//
// The pool's array buffers are ordinary ones, which the engine owns. A user gets a second array
// buffer over the same memory: the lease. It ends when it is released, or else when the garbage
// collector finds it; either way the pool's array buffer, which was never in the user's hands, is
// there for a later batch. docs/decisions/batch-memory.md weighs this against other ways.
class MemoryLeases : public std::enable_shared_from_this<MemoryLeases> {
 public:
  MemoryAllowance& allowance() { return allowance_; }

  // `notify` is called, on any thread, when there is memory for take_returned() again.
  void on_returned(std::function<void()> notify);

  // A lease of the first bytes of `memory`; undefined where the engine has no array buffers over
  // memory that is not its own. Preconditions: it has as many, at least one; it is not leased.
  Napi::Value begin(Napi::ArrayBuffer memory, std::size_t bytes);

  // Detaches the lease, so that nobody can reach the memory through it any more, and gives the
  // memory; undefined for what is not a lease, or not one any more.
  Napi::Value end(Napi::ArrayBuffer lease);

  // The memory of leases that the garbage collector has found since the last call.
  Napi::Array take_returned(Napi::Env env);

  // Lets go of everything, when the environment ends.
  void clear();

 private:
  // What the engine is handed with a lease; finalize() frees it.
  struct Lease {
    std::weak_ptr<MemoryLeases> leases;
  };

  using Memory = Napi::Reference<Napi::ArrayBuffer>;

  struct Held {
    const Lease* lease = nullptr;  // null: it is returned, or being ended
    bool returned = false;
    Memory memory;
  };

  // On any thread (Deno calls it on the collector's) and during Detach() too (Bun does): calls
  // nothing of JavaScript's and needs no memory.
  static void finalize(napi_env env, void* address, void* hint) noexcept;

  std::mutex mutex_;  // guards what follows; nothing of JavaScript's is called under it
  std::unordered_map<const void*, Held> held_;  // by address
  std::size_t returned_ = 0;                    // of these
  std::function<void()> notify_;

  MemoryAllowance allowance_;  // for the environment's thread alone
};

}  // namespace pixtok::addon
