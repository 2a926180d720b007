#include "addon/tiff_jpeg_verdict.h"

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "addon/background_work.h"
#include "addon/byte_arrays.h"
#include "addon/refusal.h"
#include "core/status.h"
#include "decode/tiff/tiff_jpeg.h"

namespace pixtok::addon {

namespace {

int integer(const Napi::Object& options, const char* name) {
  return options.Get(name).ToNumber().Int32Value();
}

bool flag(const Napi::Object& options, const char* name) {
  return options.Get(name).ToBoolean().Value();
}

struct BlockFacts {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> tables;
};

class TiffJpegVerdict final : public BackgroundWork {
 public:
  explicit TiffJpegVerdict(const Napi::CallbackInfo& info) : BackgroundWork(info.Env()) {
    if (!info[0].IsArray() || !info[2].IsObject()) {
      throw Napi::TypeError::New(info.Env(), "tiffJpegVerdict: wrong arguments");
    }
    const auto blocks = info[0].As<Napi::Array>();
    blocks_.reserve(blocks.Length());
    for (std::uint32_t i = 0; i < blocks.Length(); ++i) {
      const Napi::HandleScope scope(info.Env());
      const Napi::Object block = blocks.Get(i).ToObject();
      blocks_.push_back({bytes_of(require_bytes(block.Get("jpeg"), "jpeg")), integer(block, "rows"),
                         flag(block, "mayBeTaller")});
    }
    kept_ = Napi::Persistent(blocks);
    has_tables_ = !info[1].IsNull();
    if (has_tables_) {
      const Napi::Uint8Array tables = require_bytes(info[1], "tables");
      tables_ = bytes_of(tables);
      kept_tables_ = Napi::Persistent(tables);
    }
    const auto layout = info[2].As<Napi::Object>();
    layout_.columns = integer(layout, "columns");
    layout_.components = integer(layout, "components");
    layout_.across = integer(layout, "across");
    layout_.down = integer(layout, "down");
    layout_.is_ycc = flag(layout, "isYcc");
    layout_.max_pixels = layout.Get("maxPixels").ToNumber().Int64Value();
  }

 private:
  void run() override {
    decode::TiffJpegReader reader(layout_);
    if (has_tables_) status_ = reader.read_tables(tables_);
    for (const decode::TiffJpegBlock& block : blocks_) {
      if (!status_.ok()) return;
      BlockFacts facts;
      facts.tables = reader.tables();
      status_ = reader.read_block(block, facts.width, facts.height);
      facts_.push_back(std::move(facts));
    }
  }

  Napi::Value result(Napi::Env env) override {
    if (!status_.ok()) return refusal_or_null(env, status_);
    Napi::Array result = Napi::Array::New(env, facts_.size());
    for (std::uint32_t i = 0; i < facts_.size(); ++i) {
      const Napi::HandleScope scope(env);
      const BlockFacts& block = facts_[i];
      Napi::Object facts = Napi::Object::New(env);
      facts.Set("width", block.width);
      facts.Set("height", block.height);
      facts.Set("tables",
                Napi::Buffer<std::uint8_t>::Copy(env, block.tables.data(), block.tables.size()));
      result.Set(i, facts);
    }
    return result;
  }

  std::vector<decode::TiffJpegBlock> blocks_;
  decode::TiffJpegLayout layout_;
  bool has_tables_ = false;
  core::Bytes tables_;
  std::vector<BlockFacts> facts_;
  core::Status status_;
  Napi::Reference<Napi::Array> kept_;
  Napi::Reference<Napi::Uint8Array> kept_tables_;
};

}  // namespace

Napi::Value tiff_jpeg_verdict(const Napi::CallbackInfo& info) {
  return BackgroundWork::start(std::make_unique<TiffJpegVerdict>(info));
}

}  // namespace pixtok::addon
