#include "addon/file_parts.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "addon/byte_arrays.h"
#include "addon/exact_integer.h"
#include "addon/refusal.h"
#include "core/file_parts.h"

namespace pixtok::addon {

namespace {

struct WantedFile {
  std::string path;
  std::uint64_t bytes = 0;
  std::vector<core::FilePart> parts;

  std::uint64_t found = 0;
  core::Status status;

  bool is_read() const { return status.ok() && found == bytes; }
};

// The numbers one after the other; none is believed.
class Numbers {
 public:
  Numbers(Napi::Env env, const Napi::Float64Array& numbers)
      : env_(env), next_(numbers.Data()), end_(numbers.Data() + numbers.ElementLength()) {}

  std::uint64_t next() {
    const double number = next_ == end_ ? -1.0 : *next_++;
    if (!is_exact_integer(number)) {
      throw Napi::RangeError::New(env_, "readParts: expected integers of at least 0");
    }
    return static_cast<std::uint64_t>(number);
  }

 private:
  const Napi::Env env_;
  const double* next_;
  const double* const end_;
};

core::FilePart next_part(Napi::Env env, Numbers& numbers, Napi::Uint8Array& memory) {
  const std::uint64_t offset = numbers.next();
  const std::uint64_t size = numbers.next();
  const std::uint64_t place = numbers.next();
  const std::uint64_t room = memory.ByteLength();
  if (place > room || size > room - place) {
    throw Napi::RangeError::New(env, "readParts: expected parts that the memory has room for");
  }
  return {offset, memory.Data() + static_cast<std::size_t>(place), static_cast<std::size_t>(size)};
}

class PartsRead final : public StorageRead {
 public:
  PartsRead(Napi::Env env, std::vector<WantedFile> files, const Napi::Uint8Array& memory)
      : StorageRead(env), files_(std::move(files)), memory_(Napi::Persistent(memory)) {}

  void run() override {
    for (WantedFile& file : files_) {
      file.status = core::read_file_parts(file.path, file.bytes, file.parts, file.found);
    }
  }

  Napi::Value result(Napi::Env env) override {
    const auto is_read = [](const WantedFile& file) { return file.is_read(); };
    if (std::all_of(files_.begin(), files_.end(), is_read)) return env.Null();
    Napi::Array all = Napi::Array::New(env, files_.size());
    for (std::size_t i = 0; i < files_.size(); ++i) {
      all.Set(static_cast<std::uint32_t>(i), result_of(env, files_[i]));
    }
    return all;
  }

 private:
  static Napi::Value result_of(Napi::Env env, const WantedFile& file) {
    if (file.is_read()) return env.Null();
    if (!file.status.ok()) return refusal(env, file.status);
    Napi::Object other = Napi::Object::New(env);
    other.Set("fileBytes", static_cast<double>(file.found));
    return other;
  }

  std::vector<WantedFile> files_;
  const Napi::Reference<Napi::Uint8Array> memory_;
};

}  // namespace

Napi::Value read_parts(const Napi::CallbackInfo& info, StorageReads& storage) {
  const Napi::Env env = info.Env();
  const auto paths = info[0].As<Napi::Array>();
  Numbers numbers(env,
                  require_array(info[1], napi_float64_array, "numbers").As<Napi::Float64Array>());
  Napi::Uint8Array memory = require_bytes(info[2], "memory");
  std::vector<WantedFile> files(paths.Length());
  for (std::size_t i = 0; i < files.size(); ++i) {
    files[i].path = paths.Get(static_cast<std::uint32_t>(i)).As<Napi::String>().Utf8Value();
    files[i].bytes = numbers.next();
    for (std::uint64_t left = numbers.next(); left > 0; --left) {
      files[i].parts.push_back(next_part(env, numbers, memory));
    }
  }
  // quick storage keeps few threads busy, and each piece of work costs some time of its own
  const std::size_t threads = storage.wanted_threads();
  const std::size_t each = std::max<std::size_t>(1, (files.size() + threads - 1) / threads);
  Napi::Array done = Napi::Array::New(env);
  for (std::size_t first = 0; first < files.size(); first += each) {
    const auto begin = files.begin() + static_cast<std::ptrdiff_t>(first);
    const auto count = static_cast<std::ptrdiff_t>(std::min(each, files.size() - first));
    std::vector<WantedFile> some(std::make_move_iterator(begin),
                                 std::make_move_iterator(begin + count));
    const std::size_t reads = some.size();
    auto read = std::make_unique<PartsRead>(env, std::move(some), memory);
    done.Set(done.Length(), static_cast<Napi::Value>(storage.start(env, std::move(read), reads)));
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("each", static_cast<double>(each));
  result.Set("done", done);
  return result;
}

}  // namespace pixtok::addon
