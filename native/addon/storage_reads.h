#pragma once

#include <napi.h>

#include <memory>
#include <unordered_map>

#include "core/regular_file.h"
#include "core/storage_threads.h"

namespace pixtok::addon {

// Something that waits for storage, and the promise of what comes of it.
class StorageRead {
 public:
  virtual ~StorageRead() = default;
  StorageRead(const StorageRead&) = delete;
  StorageRead& operator=(const StorageRead&) = delete;

  // On a thread that may wait. May throw std::bad_alloc.
  virtual void run() = 0;
  // On the environment's thread, afterwards.
  virtual Napi::Value result(Napi::Env env) = 0;

 protected:
  explicit StorageRead(Napi::Env env) : deferred_(Napi::Promise::Deferred::New(env)) {}

 private:
  friend class StorageReads;
  Napi::Promise::Deferred deferred_;
  bool out_of_memory_ = false;
};

// The reads of one environment, on threads of its own: libuv's are four, whatever storage needs.
class StorageReads {
 public:
  explicit StorageReads(Napi::Env env);
  ~StorageReads() { stop(); }
  StorageReads(const StorageReads&) = delete;
  StorageReads& operator=(const StorageReads&) = delete;

  // Of several reads one after the other, what is waited for is shared out among them. Throws
  // std::bad_alloc or std::system_error where it cannot be begun.
  Napi::Promise start(Napi::Env env, std::unique_ptr<StorageRead> read, std::size_t reads = 1);

  // Pieces of work that may be done at the same time as storage is now.
  std::size_t wanted_threads() { return threads_.wanted_threads(); }

  // Drops what has not been begun and waits for what has: afterwards no thread of ours touches
  // memory that belongs to JavaScript, and nobody hears of what was under way.
  void stop();

 private:
  // What travels to the environment's thread. It may arrive when all this is gone.
  struct Done {
    std::weak_ptr<StorageReads*> owner;
    StorageRead* read;
  };
  static void deliver(Napi::Env env, Napi::Function, std::nullptr_t*, Done* done);
  using Completions = Napi::TypedThreadSafeFunction<std::nullptr_t, Done, &StorageReads::deliver>;

  void settle(Napi::Env env, StorageRead* read);

  std::shared_ptr<StorageReads*> self_ = std::make_shared<StorageReads*>(this);
  Completions completions_;
  std::unordered_map<StorageRead*, std::unique_ptr<StorageRead>> reads_;
  bool stopped_ = false;
  core::StorageThreads threads_;
};

// A file that JavaScript has open; null once it is closed, for which nobody waits who reads it.
struct OpenFile {
  std::shared_ptr<core::RegularFile> file;
};
using SharedOpenFile = std::shared_ptr<OpenFile>;

// (path: string) => Promise<file | { code, message }>; `wrap` makes the value of a file.
Napi::Value open_file(const Napi::CallbackInfo& info, StorageReads& reads,
                      Napi::Value (*wrap)(Napi::Env, SharedOpenFile));

// (file, offset: number, bytes: Uint8Array) => Promise<number | { code, message }>: how many of the
// bytes are there. They are not to be transferred meanwhile.
Napi::Value read_file(const Napi::CallbackInfo& info, StorageReads& reads, const OpenFile& file);

}  // namespace pixtok::addon
