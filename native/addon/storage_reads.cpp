#include "addon/storage_reads.h"

#include <cstdint>
#include <new>
#include <string>
#include <utility>

#include "addon/background_work.h"
#include "addon/byte_arrays.h"
#include "addon/exact_integer.h"
#include "addon/refusal.h"

namespace pixtok::addon {

namespace {

class Opening final : public StorageRead {
 public:
  using Wrap = Napi::Value (*)(Napi::Env, SharedOpenFile);

  Opening(Napi::Env env, std::string path, Wrap wrap)
      : StorageRead(env), path_(std::move(path)), wrap_(wrap) {}

  void run() override { status_ = file_->open(path_); }

  Napi::Value result(Napi::Env env) override {
    if (!status_.ok()) return refusal(env, status_);
    return wrap_(env, std::make_shared<OpenFile>(OpenFile{std::move(file_)}));
  }

 private:
  const std::string path_;
  const Wrap wrap_;
  std::shared_ptr<core::RegularFile> file_ = std::make_shared<core::RegularFile>();
  core::Status status_;
};

class Reading final : public StorageRead {
 public:
  Reading(Napi::Env env, std::shared_ptr<core::RegularFile> file, std::uint64_t offset,
          Napi::Uint8Array bytes)
      : StorageRead(env),
        file_(std::move(file)),
        offset_(offset),
        array_(Napi::Persistent(bytes)),
        target_(bytes.Data()),
        size_(bytes.ByteLength()) {}

  void run() override {
    while (done_ < size_) {
      std::size_t count = 0;
      status_ =
          core::read_file(file_->handle(), offset_ + done_, target_ + done_, size_ - done_, count);
      if (!status_.ok() || count == 0) return;
      done_ += count;
    }
  }

  Napi::Value result(Napi::Env env) override {
    if (!status_.ok()) return refusal(env, status_);
    return Napi::Number::New(env, static_cast<double>(done_));
  }

 private:
  const std::shared_ptr<core::RegularFile> file_;
  const std::uint64_t offset_;
  const Napi::Reference<Napi::Uint8Array> array_;
  std::uint8_t* const target_;
  const std::size_t size_;
  std::size_t done_ = 0;
  core::Status status_;
};

}  // namespace

StorageReads::StorageReads(Napi::Env env)
    : completions_(Completions::New(env, "pixtok reads", 0, 1)) {
  completions_.Unref(env);  // only a read that is under way keeps the process alive
}

Napi::Promise StorageReads::start(Napi::Env env, std::unique_ptr<StorageRead> owned,
                                  std::size_t reads) {
  StorageRead* const read = owned.get();
  const Napi::Promise promise = read->deferred_.Promise();
  // Made here: where the read ends, the lack of memory for it could not be reported.
  const auto done =
      std::make_shared<std::unique_ptr<Done>>(std::make_unique<Done>(Done{self_, read}));
  if (reads_.empty()) completions_.Ref(env);
  reads_.emplace(read, std::move(owned));
  try {
    threads_.submit(
        [read, done, completions = completions_] {
          try {
            read->run();
          } catch (const std::bad_alloc&) {
            read->out_of_memory_ = true;
          }
          if (completions.NonBlockingCall(done->get()) == napi_ok) {
            static_cast<void>(done->release());  // it is deliver()'s now
          }
        },
        reads);
  } catch (...) {
    reads_.erase(read);
    if (reads_.empty()) completions_.Unref(env);
    throw;
  }
  return promise;
}

void StorageReads::stop() {
  if (stopped_) return;
  stopped_ = true;
  self_.reset();
  threads_.stop();
  reads_.clear();
  completions_.Release();
}

void StorageReads::deliver(Napi::Env env, Napi::Function, std::nullptr_t*, Done* done) {
  const std::unique_ptr<Done> owned(done);
  // Without an environment this is its teardown, which has already dropped every read.
  if (env == nullptr || owned == nullptr) return;
  const std::shared_ptr<StorageReads*> reads = owned->owner.lock();
  if (reads == nullptr) return;
  try {
    (*reads)->settle(env, owned->read);
  } catch (const Napi::Error&) {
    // A worker thread that is being terminated runs no more JavaScript: nobody waits for this.
  }
}

void StorageReads::settle(Napi::Env env, StorageRead* read) {
  const auto found = reads_.find(read);
  if (found == reads_.end()) return;
  const Napi::HandleScope scope(env);
  const std::unique_ptr<StorageRead> owned = std::move(found->second);
  reads_.erase(found);
  if (reads_.empty()) completions_.Unref(env);
  if (owned->out_of_memory_) {
    owned->deferred_.Reject(out_of_memory(env).Value());
  } else {
    owned->deferred_.Resolve(owned->result(env));
  }
}

Napi::Value open_file(const Napi::CallbackInfo& info, StorageReads& reads,
                      Napi::Value (*wrap)(Napi::Env, SharedOpenFile)) {
  const Napi::Env env = info.Env();
  std::string path = info[0].As<Napi::String>().Utf8Value();
  return reads.start(env, std::make_unique<Opening>(env, std::move(path), wrap));
}

Napi::Value read_file(const Napi::CallbackInfo& info, StorageReads& reads, const OpenFile& file) {
  const Napi::Env env = info.Env();
  if (file.file == nullptr) throw Napi::Error::New(env, "readFile: the file is closed");
  const double offset = info[1].As<Napi::Number>().DoubleValue();
  if (!is_exact_integer(offset)) {
    throw Napi::RangeError::New(env, "offset: expected an integer of at least 0");
  }
  const Napi::Uint8Array bytes = require_bytes(info[2], "bytes");
  return reads.start(
      env, std::make_unique<Reading>(env, file.file, static_cast<std::uint64_t>(offset), bytes));
}

}  // namespace pixtok::addon
