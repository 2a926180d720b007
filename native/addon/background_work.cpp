#include "addon/background_work.h"

#include <new>

namespace pixtok::addon {

Napi::Error out_of_memory(Napi::Env env) {
  Napi::Error error = Napi::Error::New(env, "there is not enough memory");
  error.Set("code", Napi::String::New(env, "ENOMEM"));
  return error;
}

Napi::Promise BackgroundWork::start(std::unique_ptr<BackgroundWork> work) {
  const Napi::Promise promise = work->deferred_.Promise();
  work->Queue();
  static_cast<void>(work.release());  // it deletes itself
  return promise;
}

BackgroundWork::BackgroundWork(Napi::Env env)
    : Napi::AsyncWorker(env), deferred_(Napi::Promise::Deferred::New(env)) {}

void BackgroundWork::Execute() {
  try {
    run();
  } catch (const std::bad_alloc&) {
    out_of_memory_ = true;
  }
}

void BackgroundWork::OnOK() {
  try {
    if (out_of_memory_) throw out_of_memory(Env());
    deferred_.Resolve(result(Env()));
  } catch (const Napi::Error& error) {
    deferred_.Reject(error.Value());
  }
}

}  // namespace pixtok::addon
