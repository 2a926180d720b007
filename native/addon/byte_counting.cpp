#include "addon/byte_counting.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "addon/background_work.h"
#include "addon/byte_arrays.h"
#include "transform/byte_histogram.h"

namespace pixtok::addon {

namespace {

constexpr std::size_t kPixelBytes = 3 * sizeof(float);

class ByteCounting final : public BackgroundWork {
 public:
  ByteCounting(Napi::Env env, Napi::Uint8Array memory, std::size_t slot_bytes,
               std::vector<std::size_t> rows)
      : BackgroundWork(env),
        memory_(Napi::Persistent(memory)),
        bytes_(memory.Data()),
        slot_bytes_(slot_bytes),
        rows_(std::move(rows)) {}

 private:
  void run() override {
    for (const std::size_t row : rows_) {
      transform::count_bytes(reinterpret_cast<const float*>(bytes_ + row * slot_bytes_),
                             slot_bytes_ / kPixelBytes, histogram_);
    }
  }

  Napi::Value result(Napi::Env env) override {
    auto counts = Napi::BigUint64Array::New(env, 3 * 256);
    auto* target = counts.Data();
    for (const auto& channel : histogram_)
      target = std::copy(channel.begin(), channel.end(), target);
    return counts;
  }

  Napi::Reference<Napi::Uint8Array> memory_;
  const std::uint8_t* bytes_;
  std::size_t slot_bytes_;
  std::vector<std::size_t> rows_;
  transform::ByteHistogram histogram_{};
};

}  // namespace

Napi::Value count_bytes(const Napi::CallbackInfo& info) {
  if (!info[1].IsNumber() || !info[2].IsArray()) {
    throw Napi::TypeError::New(info.Env(), "countBytes: wrong arguments");
  }
  const Napi::Uint8Array memory = require_bytes(info[0], "memory");
  const std::int64_t given = info[1].As<Napi::Number>().Int64Value();
  const auto list = info[2].As<Napi::Array>();
  if (given <= 0 || static_cast<std::uint64_t>(given) % kPixelBytes != 0 ||
      static_cast<std::uint64_t>(given) > memory.ByteLength()) {
    throw Napi::RangeError::New(info.Env(), "countBytes: not the memory of a batch");
  }
  const auto slot_bytes = static_cast<std::size_t>(given);
  const std::size_t slots = memory.ByteLength() / slot_bytes;
  std::vector<std::size_t> rows;
  rows.reserve(list.Length());
  for (std::uint32_t i = 0; i < list.Length(); ++i) {
    const std::int64_t row = list.Get(i).ToNumber().Int64Value();
    if (row < 0 || static_cast<std::uint64_t>(row) >= slots) {
      throw Napi::RangeError::New(info.Env(), "countBytes: no such row");
    }
    rows.push_back(static_cast<std::size_t>(row));
  }
  return BackgroundWork::start(
      std::make_unique<ByteCounting>(info.Env(), memory, slot_bytes, std::move(rows)));
}

}  // namespace pixtok::addon
