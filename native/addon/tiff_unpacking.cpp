#include "addon/tiff_unpacking.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "addon/background_work.h"
#include "addon/byte_arrays.h"
#include "addon/refusal.h"
#include "core/status.h"
#include "decode/tiff/tiff_fax.h"
#include "decode/tiff/tiff_lzw.h"

namespace pixtok::addon {

namespace {

struct Block {
  core::Bytes packed;
  std::uint8_t* unpacked;
  std::size_t size;
};

// Each byte array of an array to the whole of its counterpart.
class TiffUnpacking : public BackgroundWork {
 public:
  explicit TiffUnpacking(const Napi::CallbackInfo& info) : BackgroundWork(info.Env()) {
    if (!info[0].IsArray() || !info[1].IsArray()) {
      throw Napi::TypeError::New(info.Env(), "unpackTiff: wrong arguments");
    }
    const auto packed = info[0].As<Napi::Array>();
    const auto unpacked = info[1].As<Napi::Array>();
    if (packed.Length() != unpacked.Length()) {
      throw Napi::RangeError::New(info.Env(), "unpackTiff: sizes do not go together");
    }
    blocks_.reserve(packed.Length());
    for (std::uint32_t i = 0; i < packed.Length(); ++i) {
      const Napi::HandleScope scope(info.Env());
      Napi::Uint8Array target = require_bytes(unpacked.Get(i), "unpacked");
      blocks_.push_back(
          {bytes_of(require_bytes(packed.Get(i), "packed")), target.Data(), target.ByteLength()});
    }
    packed_ = Napi::Persistent(packed);
    unpacked_ = Napi::Persistent(unpacked);
  }

 protected:
  const std::vector<Block>& blocks() const { return blocks_; }

  // `before`: the block before this one, or null.
  virtual core::Status unpack(const Block& block, const Block* before) = 0;

 private:
  void run() override {
    const Block* before = nullptr;
    for (const Block& block : blocks_) {
      status_ = unpack(block, before);
      if (!status_.ok()) return;
      before = &block;
    }
  }

  Napi::Value result(Napi::Env env) override { return refusal_or_null(env, status_); }

  Napi::Reference<Napi::Array> packed_;
  Napi::Reference<Napi::Array> unpacked_;
  std::vector<Block> blocks_;
  core::Status status_;
};

class LzwUnpacking final : public TiffUnpacking {
 public:
  using TiffUnpacking::TiffUnpacking;

 private:
  core::Status unpack(const Block& block, const Block* /*before*/) override {
    return decode::unpack_tiff_lzw(block.packed, block.unpacked, block.size);
  }
};

class FaxUnpacking final : public TiffUnpacking {
 public:
  FaxUnpacking(const Napi::CallbackInfo& info, decode::FaxCoding coding, std::uint32_t width)
      : TiffUnpacking(info), coding_(coding), width_(width) {}

  bool has_whole_rows() const {
    const std::size_t row_bytes = (static_cast<std::size_t>(width_) + 7) / 8;
    return std::all_of(blocks().begin(), blocks().end(),
                       [row_bytes](const Block& block) { return block.size % row_bytes == 0; });
  }

 private:
  core::Status unpack(const Block& block, const Block* before) override {
    if (!fax_) fax_.emplace(coding_, width_);
    const bool has_rows = before != nullptr && before->size >= block.size;
    return fax_->unpack(block.packed, block.unpacked, block.size,
                        has_rows ? before->unpacked : nullptr);
  }

  decode::FaxCoding coding_;
  std::uint32_t width_;
  std::optional<decode::TiffFax> fax_;
};

decode::FaxCoding fax_coding(const Napi::Value& value) {
  using Coding = decode::FaxCoding;
  const std::string name = value.IsString() ? value.As<Napi::String>().Utf8Value() : "";
  if (name == "rows") return Coding::kRows;
  if (name == "group3") return Coding::kGroup3;
  if (name == "group3Mixed") return Coding::kGroup3Mixed;
  if (name == "group4") return Coding::kGroup4;
  throw Napi::TypeError::New(value.Env(), "unpackTiffFax: no such coding");
}

}  // namespace

Napi::Value unpack_tiff_lzw(const Napi::CallbackInfo& info) {
  return BackgroundWork::start(std::make_unique<LzwUnpacking>(info));
}

Napi::Value unpack_tiff_fax(const Napi::CallbackInfo& info) {
  const decode::FaxCoding coding = fax_coding(info[2]);
  const double width = info[3].IsNumber() ? info[3].As<Napi::Number>().DoubleValue() : 0;
  if (!(width >= 1 && width <= INT32_MAX)) {
    throw Napi::RangeError::New(info.Env(), "unpackTiffFax: there is no such width");
  }
  auto work = std::make_unique<FaxUnpacking>(info, coding, static_cast<std::uint32_t>(width));
  if (!work->has_whole_rows()) {
    throw Napi::RangeError::New(info.Env(), "unpackTiffFax: sizes do not go together");
  }
  return BackgroundWork::start(std::move(work));
}

}  // namespace pixtok::addon
