#include "addon/file_mapping.h"

#include <cstdint>
#include <memory>
#include <utility>

#include "addon/error_codes.h"
#include "core/mapped_file.h"

namespace pixtok::addon {

Napi::Value map_file(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Object result = Napi::Object::New(env);
  auto file = std::make_unique<core::MappedFile>();
  const core::Status status = core::MappedFile::open(info[0].As<Napi::String>().Utf8Value(), *file);
  if (!status.ok()) {
    result.Set("code", error_code(status.code));
    result.Set("message", status.message);
    return result;
  }
  core::MappedFile* mapping = file.get();
  const auto size = static_cast<std::int64_t>(mapping->size);
  const auto finalize = [size](Napi::Env finalizing, void*, core::MappedFile* mapped) {
    const std::unique_ptr<core::MappedFile> holder(mapped);
    Napi::MemoryManagement::AdjustExternalMemory(finalizing, size);
  };
  const auto buffer =
      Napi::ArrayBuffer::New(env, mapping->bytes.get(), mapping->size, finalize, mapping);
  file.release();  // it is the buffer's now
  result.Set("bytes", buffer);
  // It is the system's memory: V8 must not collect garbage for the sake of it.
  Napi::MemoryManagement::AdjustExternalMemory(env, -size);
  return result;
}

}  // namespace pixtok::addon
