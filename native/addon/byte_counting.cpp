#include "addon/byte_counting.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "transform/byte_histogram.h"

namespace pixtok::addon {

namespace {

constexpr std::size_t kPixelBytes = 3 * sizeof(float);

class ByteCounting final : public Napi::AsyncWorker {
 public:
  ByteCounting(Napi::Env env, Napi::Uint8Array memory, std::size_t slot_bytes,
               std::vector<std::size_t> rows)
      : Napi::AsyncWorker(env),
        deferred_(Napi::Promise::Deferred::New(env)),
        memory_(Napi::Persistent(memory)),
        bytes_(memory.Data()),
        slot_bytes_(slot_bytes),
        rows_(std::move(rows)) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override {
    for (const std::size_t row : rows_) {
      transform::count_bytes(reinterpret_cast<const float*>(bytes_ + row * slot_bytes_),
                             slot_bytes_ / kPixelBytes, histogram_);
    }
  }

  void OnOK() override {
    auto counts = Napi::BigUint64Array::New(Env(), 3 * 256);
    auto* target = counts.Data();
    for (const auto& channel : histogram_)
      target = std::copy(channel.begin(), channel.end(), target);
    deferred_.Resolve(counts);
  }

  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Napi::Promise::Deferred deferred_;
  Napi::Reference<Napi::Uint8Array> memory_;
  const std::uint8_t* bytes_;
  std::size_t slot_bytes_;
  std::vector<std::size_t> rows_;
  transform::ByteHistogram histogram_{};
};

}  // namespace

Napi::Value count_bytes(const Napi::CallbackInfo& info) {
  if (!info[0].IsTypedArray() || !info[1].IsNumber() || !info[2].IsArray()) {
    throw Napi::TypeError::New(info.Env(), "countBytes: wrong arguments");
  }
  auto memory = info[0].As<Napi::Uint8Array>();
  const std::size_t slot_bytes = info[1].As<Napi::Number>().Uint32Value();
  const auto list = info[2].As<Napi::Array>();
  if (slot_bytes == 0 || slot_bytes % kPixelBytes != 0) {
    throw Napi::RangeError::New(info.Env(), "countBytes: not the memory of a batch");
  }
  const std::size_t slots = memory.ByteLength() / slot_bytes;
  std::vector<std::size_t> rows;
  rows.reserve(list.Length());
  for (std::uint32_t i = 0; i < list.Length(); ++i) {
    rows.push_back(list.Get(i).ToNumber().Uint32Value());
    if (rows.back() >= slots) throw Napi::RangeError::New(info.Env(), "countBytes: no such row");
  }
  auto* counting = new ByteCounting(info.Env(), memory, slot_bytes, std::move(rows));
  const Napi::Promise promise = counting->promise();
  counting->Queue();  // deletes itself
  return promise;
}

}  // namespace pixtok::addon
