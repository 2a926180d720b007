#pragma once

#include <napi.h>

#include <memory>

namespace pixtok::addon {

// An error that src/shared/machine-fault.ts knows for the machine's.
Napi::Error out_of_memory(Napi::Env env);

// Work on one of libuv's threads, and a promise of its result.
class BackgroundWork : public Napi::AsyncWorker {
 public:
  static Napi::Promise start(std::unique_ptr<BackgroundWork> work);

 protected:
  explicit BackgroundWork(Napi::Env env);

  // On libuv's thread. May throw std::bad_alloc.
  virtual void run() = 0;
  // On the environment's thread, afterwards.
  virtual Napi::Value result(Napi::Env env) = 0;

 private:
  void Execute() final;
  void OnOK() final;

  Napi::Promise::Deferred deferred_;
  bool out_of_memory_ = false;
};

}  // namespace pixtok::addon
