#include "addon/file_mapping.h"

#include <memory>
#include <string>
#include <utility>

#include "addon/error_codes.h"
#include "core/mapped_file.h"

namespace pixtok::addon {

namespace {

using SharedFile = std::shared_ptr<core::MappedFile>;

void unmap(napi_env, void*, void* hint) {
  const std::unique_ptr<SharedFile> holder(static_cast<SharedFile*>(hint));
}

Napi::Object failure(Napi::Env env, const char* code, const std::string& message) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("code", code);
  result.Set("message", message);
  return result;
}

}  // namespace

Napi::Value map_file(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const double most = info[1].As<Napi::Number>().DoubleValue();
  auto file = std::make_shared<core::MappedFile>();
  const core::Status status = core::MappedFile::open(info[0].As<Napi::String>().Utf8Value(), *file);
  if (!status.ok()) return failure(env, error_code(status.code), status.message);
  if (static_cast<double>(file->size) > most) {
    return failure(env, "FILE_TOO_LARGE",
                   "it has " + std::to_string(file->size) +
                       " bytes, more than an array can have in this runtime");
  }
  // The engine frees the holder, perhaps also where it refuses: then the file is closed here.
  auto* holder = std::make_unique<SharedFile>(file).release();
  napi_value buffer = nullptr;
  if (napi_create_external_arraybuffer(env, file->bytes.get(), file->size, unmap, holder,
                                       &buffer) != napi_ok) {
    *file = core::MappedFile();
    throw Napi::Error::New(env);
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("bytes", Napi::Value(env, buffer));
  return result;
}

}  // namespace pixtok::addon
