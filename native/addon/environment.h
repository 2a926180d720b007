#pragma once

#include <napi.h>

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "addon/engine.h"
#include "addon/file_mapping.h"
#include "addon/memory_leases.h"
#include "addon/storage_reads.h"
#include "transform/batch_job.h"

namespace pixtok::addon {

// Everything of one JavaScript environment (the main thread, or one worker thread). Nothing is
// shared between environments but the chosen kernel table.
class Environment {
 public:
  explicit Environment(Napi::Env env);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  std::shared_ptr<Engine> create_engine(std::size_t threads,
                                        const std::optional<transform::JpegChoice>& jpeg,
                                        const std::shared_ptr<const decode::ZlibLibrary>& zlib,
                                        const std::shared_ptr<const decode::WebpLibrary>& webp,
                                        bool copies_samples);

  // One batch: samples into `target` from `offset` on. Gives { done, cancel }: a promise of
  // [failures, times], and a function. `failures` is null when every sample is in its row,
  // otherwise a list of [row, code, message].
  // Images in a file of `mappings` are waited for apart from their preparation.
  // `random` is null or, for a plan with augmentation, what read_random_keys() takes, and `drawn`:
  // an Int32Array that top, left, height, width and flip of every row are written to; and
  // `operations`: a Float64Array for what write_operations() writes of each, or null.
  Napi::Object start_batch(Napi::Env env, const std::shared_ptr<Engine>& engine,
                           FileMappings& mappings, std::shared_ptr<const transform::Plan> plan,
                           Napi::Array samples, Napi::Value regions, Napi::Value random,
                           Napi::Uint8Array target, std::size_t offset);

  MemoryLeases& leases() { return *leases_; }
  StorageReads& reads() { return reads_; }

  // `callback` is called, soon, when the garbage collector has found leases; the one before is not
  // any more. A program may load the package anew, as tests do, while the addon stays.
  void on_memory_returned(Napi::Env env, Napi::Function callback);

 private:
  // What keeps JavaScript's side of a running batch alive. Only this environment's thread touches
  // it.
  struct Call {
    Napi::Promise::Deferred deferred;
    Napi::Reference<Napi::Array> samples;
    Napi::Reference<Napi::Uint8Array> target;
    Napi::Reference<Napi::Int32Array> drawn;
    Napi::Reference<Napi::Float64Array> operations;
    std::shared_ptr<Engine> engine;
    std::shared_ptr<transform::BatchJob> job;
  };

  // What travels from a pool's thread to this environment's. It may arrive when the environment has
  // been shut down and the call is gone: Bun delivers what is left even then.
  struct Completion {
    std::weak_ptr<Environment*> environment;
    Call* call;
  };

  static void deliver(Napi::Env env, Napi::Function, std::nullptr_t* context,
                      Completion* completion);
  using Completions =
      Napi::TypedThreadSafeFunction<std::nullptr_t, Completion, &Environment::deliver>;

  void settle(Napi::Env env, Call* call);

  // Skips what has not been started and waits for what has: afterwards no thread of ours touches
  // memory that belongs to JavaScript.
  void shut_down();

  std::shared_ptr<Environment*> self_ = std::make_shared<Environment*>(this);
  Completions completions_;
  StorageReads reads_;
  Napi::ThreadSafeFunction memory_returned_;
  std::unordered_map<Call*, std::unique_ptr<Call>> calls_;
  std::vector<std::weak_ptr<Engine>> engines_;
  std::shared_ptr<MemoryLeases> leases_ = std::make_shared<MemoryLeases>();
  bool shut_down_ = false;
};

}  // namespace pixtok::addon
