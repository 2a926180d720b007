#include "addon/tiff_unpacking.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "addon/background_work.h"
#include "addon/byte_arrays.h"
#include "addon/refusal.h"
#include "core/status.h"
#include "decode/tiff/tiff_lzw.h"

namespace pixtok::addon {

namespace {

struct Block {
  core::Bytes packed;
  std::uint8_t* unpacked;
  std::size_t size;
};

class TiffUnpacking final : public BackgroundWork {
 public:
  TiffUnpacking(Napi::Env env, const Napi::Array& packed, const Napi::Array& unpacked,
                std::vector<Block> blocks)
      : BackgroundWork(env),
        packed_(Napi::Persistent(packed)),
        unpacked_(Napi::Persistent(unpacked)),
        blocks_(std::move(blocks)) {}

 private:
  void run() override {
    for (const Block& block : blocks_) {
      status_ = decode::unpack_tiff_lzw(block.packed, block.unpacked, block.size);
      if (!status_.ok()) return;
    }
  }

  Napi::Value result(Napi::Env env) override { return refusal_or_null(env, status_); }

  Napi::Reference<Napi::Array> packed_;
  Napi::Reference<Napi::Array> unpacked_;
  std::vector<Block> blocks_;
  core::Status status_;
};

}  // namespace

Napi::Value unpack_tiff_lzw(const Napi::CallbackInfo& info) {
  if (!info[0].IsArray() || !info[1].IsArray()) {
    throw Napi::TypeError::New(info.Env(), "unpackTiffLzw: wrong arguments");
  }
  const auto packed = info[0].As<Napi::Array>();
  const auto unpacked = info[1].As<Napi::Array>();
  if (packed.Length() != unpacked.Length()) {
    throw Napi::RangeError::New(info.Env(), "unpackTiffLzw: sizes do not go together");
  }
  std::vector<Block> blocks;
  blocks.reserve(packed.Length());
  for (std::uint32_t i = 0; i < packed.Length(); ++i) {
    const Napi::HandleScope scope(info.Env());
    Napi::Uint8Array target = require_bytes(unpacked.Get(i), "unpacked");
    blocks.push_back(
        {bytes_of(require_bytes(packed.Get(i), "packed")), target.Data(), target.ByteLength()});
  }
  return BackgroundWork::start(
      std::make_unique<TiffUnpacking>(info.Env(), packed, unpacked, std::move(blocks)));
}

}  // namespace pixtok::addon
