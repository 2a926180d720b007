#include "addon/file_mapping.h"

#include <string>
#include <utility>

#include "addon/exact_integer.h"
#include "addon/refusal.h"
#include "core/file_parts.h"
#include "core/platform.h"
#include "core/regular_file.h"

namespace pixtok::addon {

namespace {

Napi::Value other_size(Napi::Env env, std::uint64_t bytes) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("fileBytes", static_cast<double>(bytes));
  return result;
}

Napi::Value array_of(const Napi::Value& buffer) {
  Napi::Object result = Napi::Object::New(buffer.Env());
  result.Set("bytes", buffer);
  return result;
}

}  // namespace

Napi::Value FileMappings::map_file(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const double most = info[1].As<Napi::Number>().DoubleValue();
  core::MappedFile file;
  const core::Status status = core::MappedFile::open(info[0].As<Napi::String>().Utf8Value(), file);
  if (!status.ok()) return refusal(env, status);
  if (static_cast<double>(file.size) > most) {
    return refusal(env, "FILE_TOO_LARGE",
                   "it has " + std::to_string(file.size) +
                       " bytes, more than an array can have in this runtime");
  }
  return array_of(array_buffer(env, std::move(file), Kind::kFile));
}

Napi::Value FileMappings::map_range(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto number = [&](std::size_t place) {
    return static_cast<std::uint64_t>(info[place].As<Napi::Number>().Int64Value());
  };
  core::RegularFile file;
  core::Status status = file.open(info[0].As<Napi::String>().Utf8Value());
  if (!status.ok()) return refusal(env, status);
  const std::uint64_t size = file.size();
  if (size != number(1)) return other_size(env, size);
  const std::uint64_t offset = number(2);
  const std::uint64_t length = number(3);
  Napi::Uint8Array beginning = info[4].As<Napi::Uint8Array>();
  if (offset > size || length > size - offset || length == 0 || beginning.ByteLength() > size) {
    throw Napi::RangeError::New(env, "mapRange: expected some bytes within the file");
  }
  core::advise_random_reads(file.handle());
  status = core::read_file_part(file, {0, beginning.Data(), beginning.ByteLength()});
  if (!status.ok()) return refusal(env, status);
  core::MappedFile mapped;
  status = core::MappedFile::map(file, offset, static_cast<std::size_t>(length), mapped);
  if (!status.ok()) return refusal(env, status);
  // Of all that is mapped a row or two are read: what is beside them may be megabytes.
  core::advise_random(mapped.data, mapped.size);
  const Napi::Value part = array_buffer(env, std::move(mapped), Kind::kPart);
  allowance_.spend(env, static_cast<std::size_t>(length));
  return array_of(part);
}

Napi::Value FileMappings::reserve_addresses(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const double bytes = info[0].As<Napi::Number>().DoubleValue();
  if (!is_exact_integer(bytes) || bytes == 0) {
    throw Napi::RangeError::New(env, "reserveAddresses: expected an integer of at least 1");
  }
  core::MappedFile reserved;
  if (!core::MappedFile::reserve(static_cast<std::size_t>(bytes), reserved)) {
    return env.Undefined();
  }
  return array_buffer(env, std::move(reserved), Kind::kReserved);
}

Napi::Value FileMappings::map_file_at(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto wanted = info[3].As<Napi::Number>().DoubleValue();
  std::uint8_t* place = place_in(env, info[0].As<Napi::ArrayBuffer>(),
                                 info[1].As<Napi::Number>().DoubleValue(), wanted);
  core::RegularFile file;
  core::Status status = file.open(info[2].As<Napi::String>().Utf8Value());
  if (!status.ok()) return refusal(env, status);
  if (file.size() != static_cast<std::uint64_t>(wanted)) return other_size(env, file.size());
  status = core::map_at(file, place);
  if (!status.ok()) return refusal(env, status);
  return env.Null();
}

std::uint8_t* FileMappings::place_in(Napi::Env env, Napi::ArrayBuffer addresses, double offset,
                                     double bytes) {
  auto* memory = static_cast<std::uint8_t*>(addresses.Data());
  const auto size = static_cast<double>(addresses.ByteLength());
  const bool has_room = is_exact_integer(offset) && is_exact_integer(bytes) && bytes > 0 &&
                        offset + bytes <= size &&
                        static_cast<std::size_t>(offset) % core::map_granularity() == 0;
  if (find(memory) != Kind::kReserved || !has_room) {
    throw Napi::RangeError::New(env, "mapFileAt: expected a place in reserved addresses");
  }
  return memory + static_cast<std::size_t>(offset);
}

Napi::Value FileMappings::ask_for_pages(const Napi::CallbackInfo& info) {
  auto file = info[0].As<Napi::ArrayBuffer>();
  auto ranges = info[1].As<Napi::Float64Array>();
  const auto* memory = static_cast<const std::uint8_t*>(file.Data());
  const auto size = static_cast<double>(file.ByteLength());
  if (ranges.ElementLength() > 0 && find(memory) == Kind::kNone) {
    throw Napi::TypeError::New(info.Env(), "askForPages: expected a mapped file");
  }
  for (std::size_t i = 0; i + 1 < ranges.ElementLength(); i += 2) {
    const double begin = ranges[i];
    const double bytes = ranges[i + 1];
    if (!(begin >= 0 && bytes >= 0 && begin + bytes <= size)) {
      throw Napi::RangeError::New(info.Env(), "askForPages: expected parts of the file");
    }
    core::advise_will_need(memory + static_cast<std::size_t>(begin),
                           static_cast<std::size_t>(bytes));
  }
  return info.Env().Undefined();
}

Napi::Value FileMappings::array_buffer(Napi::Env env, core::MappedFile file, Kind kind) {
  std::uint8_t* data = file.data;
  const std::size_t size = file.size;
  // The engine frees it, perhaps also where it refuses: then the file is unmapped here.
  auto* mapping =
      std::make_unique<Mapping>(Mapping{weak_from_this(), std::move(file), kind}).release();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    mapped_.insert_or_assign(data, mapping);
  }
  napi_value buffer = nullptr;
  if (napi_create_external_arraybuffer(env, data, size, finalize, mapping, &buffer) != napi_ok) {
    const core::MappedFile refused = take(data);
    throw Napi::Error::New(env);
  }
  return {env, buffer};
}

core::MappedFile FileMappings::take(const void* address) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = mapped_.find(address);
  if (found == mapped_.end()) return {};
  core::MappedFile file = std::move(found->second->file);
  mapped_.erase(found);
  return file;
}

FileMappings::Kind FileMappings::find(const void* address) {
  const std::lock_guard<std::mutex> lock(mutex_);
  auto found = mapped_.upper_bound(address);
  if (found == mapped_.begin()) return Kind::kNone;
  const Mapping& mapping = *(--found)->second;
  const bool is_within = std::less<const void*>()(address, mapping.file.data + mapping.file.size);
  return is_within ? mapping.kind : Kind::kNone;
}

void FileMappings::unmap(Napi::ArrayBuffer buffer) {
  const Napi::Env env = buffer.Env();
  const void* address = buffer.Data();
  const bool is_part = find(address) == Kind::kPart;
  if (is_part) allowance_.earn(env, buffer.ByteLength());
  buffer.Detach();
  if (is_part) allowance_.trim(env);
  const core::MappedFile file = take(address);
}

void FileMappings::finalize(napi_env, void* address, void* hint) noexcept {
  const std::unique_ptr<Mapping> mapping(static_cast<Mapping*>(hint));
  const std::shared_ptr<FileMappings> mappings = mapping->mappings.lock();
  if (mappings == nullptr) return;
  const std::lock_guard<std::mutex> lock(mappings->mutex_);
  const auto found = mappings->mapped_.find(address);
  if (found != mappings->mapped_.end() && found->second == mapping.get()) {
    mappings->mapped_.erase(found);
  }
}

}  // namespace pixtok::addon
