#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <system_error>
#include <utility>

#include "addon/arguments.h"
#include "addon/background_work.h"
#include "addon/byte_arrays.h"
#include "addon/byte_counting.h"
#include "addon/environment.h"
#include "addon/file_mapping.h"
#include "addon/file_parts.h"
#include "addon/float_preparation.h"
#include "addon/image_facts.h"
#include "addon/row_mixing.h"
#include "addon/storage_reads.h"
#include "addon/tiff_jpeg_verdict.h"
#include "addon/tiff_unpacking.h"
#include "addon/ycc_conversion.h"
#include "core/aligned_buffer.h"
#include "core/platform.h"
#include "decode/jpeg/jpeg_library.h"
#include "decode/png/zlib_library.h"
#include "decode/webp/webp_library.h"
#include "kernels/kernel_table.h"
#include "transform/plan.h"

namespace pixtok::addon {

namespace {

using SharedEngine = std::shared_ptr<Engine>;
using SharedLibrary = std::shared_ptr<const decode::JpegLibrary>;
using SharedWebpLibrary = std::shared_ptr<const decode::WebpLibrary>;
using SharedPlan = std::shared_ptr<const transform::Plan>;

// A C++ object as an opaque JavaScript value. The tags keep one kind from being taken for another.
template <typename Shared>
struct Opaque {
  static const napi_type_tag kTag;

  static Napi::Value wrap(Napi::Env env, Shared shared) {
    auto held = std::make_unique<Shared>(std::move(shared));
    auto external = Napi::External<Shared>::New(env, held.get(), [](Napi::Env, Shared* ended) {
      const std::unique_ptr<Shared> owner(ended);
    });
    static_cast<void>(held.release());  // it is the engine's now
    external.TypeTag(&kTag);
    return external;
  }

  static Shared unwrap(const Napi::Value& value, const char* name) {
    if (!value.IsExternal() || !value.As<Napi::External<Shared>>().CheckTypeTag(&kTag)) {
      throw Napi::TypeError::New(value.Env(), std::string(name) + ": not what it should be");
    }
    return *value.As<Napi::External<Shared>>().Data();
  }
};

template <>
const napi_type_tag Opaque<SharedEngine>::kTag = {0x7069787446bd41a1ULL, 0x9f10f35b6a7d0001ULL};
template <>
const napi_type_tag Opaque<SharedLibrary>::kTag = {0x7069787446bd41a1ULL, 0x9f10f35b6a7d0002ULL};
template <>
const napi_type_tag Opaque<SharedPlan>::kTag = {0x7069787446bd41a1ULL, 0x9f10f35b6a7d0003ULL};
template <>
const napi_type_tag Opaque<SharedWebpLibrary>::kTag = {0x7069787446bd41a1ULL,
                                                       0x9f10f35b6a7d0004ULL};
template <>
const napi_type_tag Opaque<SharedOpenFile>::kTag = {0x7069787446bd41a1ULL, 0x9f10f35b6a7d0005ULL};

class Addon final : public Napi::Addon<Addon> {
 public:
  Addon(Napi::Env env, Napi::Object exports) : environment_(std::make_unique<Environment>(env)) {
    DefineAddon(exports, {
                             method<&Addon::select_kernel>("selectKernel"),
                             method<&Addon::supported_kernels>("supportedKernels"),
                             method<&Addon::open_jpeg_library>("openJpegLibrary"),
                             method<&Addon::open_webp_library>("openWebpLibrary"),
                             method<&Addon::zlib_version>("zlibVersion"),
                             method<&Addon::create_engine>("createEngine"),
                             method<&Addon::images_under_way>("imagesUnderWay"),
                             method<&Addon::compile_plan>("compilePlan"),
                             method<&Addon::align_memory>("alignMemory"),
                             method<&Addon::set_allowances>("setAllowances"),
                             method<&Addon::on_memory_returned>("onMemoryReturned"),
                             method<&Addon::begin_lease>("beginLease"),
                             method<&Addon::end_lease>("endLease"),
                             method<&Addon::take_returned_memory>("takeReturnedMemory"),
                             method<&Addon::start_batch>("startBatch"),
                             method<&Addon::convert_ycc>("convertYcc"),
                             method<&Addon::prepare_floats>("prepareFloats"),
                             method<&Addon::count_bytes>("countBytes"),
                             method<&Addon::mix_rows>("mixRows"),
                             method<&Addon::map_file>("mapFile"),
                             method<&Addon::map_granularity>("mapGranularity"),
                             method<&Addon::reserve_addresses>("reserveAddresses"),
                             method<&Addon::map_file_at>("mapFileAt"),
                             method<&Addon::map_range>("mapRange"),
                             method<&Addon::ask_for_pages>("askForPages"),
                             method<&Addon::unmap_range>("unmapRange"),
                             method<&Addon::open_file>("openFile"),
                             method<&Addon::read_file>("readFile"),
                             method<&Addon::close_file>("closeFile"),
                             method<&Addon::read_parts>("readParts"),
                             method<&Addon::exif_orientation>("exifOrientation"),
                             method<&Addon::jpeg_orientation>("jpegOrientation"),
                             method<&Addon::jpeg_verdict>("jpegVerdict"),
                             method<&Addon::tiff_jpeg_verdict>("tiffJpegVerdict"),
                             method<&Addon::stored_format>("storedFormat"),
                             method<&Addon::stored_image>("storedImage"),
                             method<&Addon::webp_image>("webpImage"),
                             method<&Addon::unpack_tiff_fax>("unpackTiffFax"),
                             method<&Addon::unpack_tiff_lzw>("unpackTiffLzw"),
                         });
  }

 private:
  using Method = Napi::Value (Addon::*)(const Napi::CallbackInfo&);

  template <Method called>
  Napi::Value guarded(const Napi::CallbackInfo& info) {
    try {
      return (this->*called)(info);
    } catch (const std::bad_alloc&) {
      throw out_of_memory(info.Env());
    } catch (const std::system_error&) {
      throw out_of_memory(info.Env());  // a thread that cannot be started
    }
  }

  template <Method called>
  static PropertyDescriptor method(const char* name) {
    return InstanceMethod(name, &Addon::guarded<called>);
  }

  // (name: string) => { chosen: name } or { refused: "unknown" | "unsupported" | "already", … }
  Napi::Value select_kernel(const Napi::CallbackInfo& info) {
    Napi::Object result = Napi::Object::New(info.Env());
    switch (kernels::choose(info[0].As<Napi::String>().Utf8Value())) {
      case kernels::Choice::kChosen:
        result.Set("chosen", kernels::chosen().name);
        break;
      case kernels::Choice::kUnknownName:
        result.Set("refused", "unknown");
        break;
      case kernels::Choice::kUnsupportedByCpu:
        result.Set("refused", "unsupported");
        break;
      case kernels::Choice::kAlreadyOther:
        result.Set("refused", "already");
        result.Set("chosen", kernels::chosen().name);
        break;
    }
    return result;
  }

  // () => string[], slowest first
  Napi::Value supported_kernels(const Napi::CallbackInfo& info) {
    Napi::Array names = Napi::Array::New(info.Env());
    for (const kernels::KernelTable* table : kernels::supported_tables()) {
      names.Set(names.Length(), table->name);
    }
    return names;
  }

  // (path: string) => { library, path, version } or { error }
  Napi::Value open_jpeg_library(const Napi::CallbackInfo& info) {
    std::string error;
    SharedLibrary library =
        decode::JpegLibrary::open(info[0].As<Napi::String>().Utf8Value(), error);
    const std::string version = library == nullptr ? "" : library->interface_version();
    return opened(info.Env(), std::move(library), version, error);
  }

  // The same of libwebp.
  Napi::Value open_webp_library(const Napi::CallbackInfo& info) {
    std::string error;
    SharedWebpLibrary library =
        decode::WebpLibrary::open(info[0].As<Napi::String>().Utf8Value(), error);
    const std::string version = library == nullptr ? "" : library->version();
    return opened(info.Env(), std::move(library), version, error);
  }

  template <typename Shared>
  static Napi::Value opened(Napi::Env env, Shared library, const std::string& version,
                            const std::string& error) {
    Napi::Object result = Napi::Object::New(env);
    if (library == nullptr) {
      result.Set("error", error);
      return result;
    }
    result.Set("path", library->path());
    result.Set("version", version);
    result.Set("library", Opaque<Shared>::wrap(env, std::move(library)));
    return result;
  }

  // () => string | null: of the zlib that this program has
  Napi::Value zlib_version(const Napi::CallbackInfo& info) {
    const auto zlib = decode::ZlibLibrary::of_program();
    if (zlib == nullptr) return info.Env().Null();
    return Napi::String::New(info.Env(), zlib->version());
  }

  // (threads: number, jpeg: { library: library | null } | null, png: boolean,
  //  webp: library | null, copySamples: boolean) => engine
  Napi::Value create_engine(const Napi::CallbackInfo& info) {
    const std::int64_t given = info[0].As<Napi::Number>().Int64Value();
    if (given < 1 || given > kMaxThreads) {
      throw Napi::RangeError::New(info.Env(), "threads: out of range");
    }
    const auto threads = static_cast<std::size_t>(given);
    std::optional<transform::JpegChoice> jpeg;
    if (info[1].IsObject()) {
      jpeg.emplace();
      const Napi::Value library = info[1].As<Napi::Object>().Get("library");
      if (!library.IsNull()) jpeg->library = Opaque<SharedLibrary>::unwrap(library, "library");
    }
    const auto zlib = info[2].ToBoolean().Value() ? decode::ZlibLibrary::of_program() : nullptr;
    SharedWebpLibrary webp;
    if (!info[3].IsNull()) webp = Opaque<SharedWebpLibrary>::unwrap(info[3], "webp");
    return Opaque<SharedEngine>::wrap(
        info.Env(),
        environment_->create_engine(threads, jpeg, zlib, webp, info[4].ToBoolean().Value()));
  }

  // (engine) => number: see ReadAhead::wanted_images().
  Napi::Value images_under_way(const Napi::CallbackInfo& info) {
    const SharedEngine engine = Opaque<SharedEngine>::unwrap(info[0], "engine");
    return Napi::Number::New(info.Env(), static_cast<double>(engine->read_ahead().wanted_images()));
  }

  // (options: object) => plan
  Napi::Value compile_plan(const Napi::CallbackInfo& info) {
    return Opaque<SharedPlan>::wrap(
        info.Env(), std::make_shared<transform::Plan>(read_plan(info[0].As<Napi::Object>())));
  }

  // (memory: ArrayBuffer) => number: where in it an aligned part begins, all of which is going to
  // be written.
  Napi::Value align_memory(const Napi::CallbackInfo& info) {
    auto memory = info[0].As<Napi::ArrayBuffer>();
    if (memory.ByteLength() >= kLargeBytes) {
      core::advise_huge_pages(memory.Data(), memory.ByteLength());
    }
    const auto address = reinterpret_cast<std::uintptr_t>(memory.Data());
    const std::uintptr_t past = address % core::kAlignment;
    return Napi::Number::New(info.Env(),
                             static_cast<double>(past == 0 ? 0 : core::kAlignment - past));
  }

  // (ofLeases: number, ofParts: number) => void
  Napi::Value set_allowances(const Napi::CallbackInfo& info) {
    const auto bytes = [&](std::size_t place) {
      return static_cast<std::size_t>(info[place].As<Napi::Number>().Int64Value());
    };
    environment_->leases().allowance().set_most(bytes(0));
    mappings_->allowance().set_most(bytes(1));
    return info.Env().Undefined();
  }

  // (callback: () => void) => void
  Napi::Value on_memory_returned(const Napi::CallbackInfo& info) {
    environment_->on_memory_returned(info.Env(), info[0].As<Napi::Function>());
    return info.Env().Undefined();
  }

  // (memory: ArrayBuffer, bytes: number) => ArrayBuffer | undefined: addon/memory_leases.h
  Napi::Value begin_lease(const Napi::CallbackInfo& info) {
    Napi::ArrayBuffer memory = info[0].As<Napi::ArrayBuffer>();
    const std::int64_t bytes = info[1].As<Napi::Number>().Int64Value();
    if (bytes < 1 || static_cast<std::uint64_t>(bytes) > memory.ByteLength()) {
      throw Napi::RangeError::New(info.Env(), "bytes: expected some, no more than the memory has");
    }
    return environment_->leases().begin(memory, static_cast<std::size_t>(bytes));
  }

  // (lease: ArrayBuffer) => ArrayBuffer | undefined
  Napi::Value end_lease(const Napi::CallbackInfo& info) {
    return environment_->leases().end(info[0].As<Napi::ArrayBuffer>());
  }

  // () => ArrayBuffer[]
  Napi::Value take_returned_memory(const Napi::CallbackInfo& info) {
    return environment_->leases().take_returned(info.Env());
  }

  // (engine, plan, samples: array, regions: array | null, random: object | null,
  //  target: Uint8Array, offset: number) => { done, cancel }
  Napi::Value start_batch(const Napi::CallbackInfo& info) {
    const std::int64_t offset = info[6].As<Napi::Number>().Int64Value();
    if (!info[2].IsArray() || offset < 0) {
      throw Napi::TypeError::New(info.Env(), "startBatch: wrong arguments");
    }
    return environment_->start_batch(
        info.Env(), Opaque<SharedEngine>::unwrap(info[0], "engine"), *mappings_,
        Opaque<SharedPlan>::unwrap(info[1], "plan"), info[2].As<Napi::Array>(), info[3], info[4],
        require_bytes(info[5], "target"), static_cast<std::size_t>(offset));
  }

  Napi::Value convert_ycc(const Napi::CallbackInfo& info) { return addon::convert_ycc(info); }

  Napi::Value prepare_floats(const Napi::CallbackInfo& info) { return addon::prepare_floats(info); }

  Napi::Value count_bytes(const Napi::CallbackInfo& info) { return addon::count_bytes(info); }
  Napi::Value mix_rows(const Napi::CallbackInfo& info) { return addon::mix_rows(info); }

  Napi::Value map_file(const Napi::CallbackInfo& info) { return mappings_->map_file(info); }
  // () => number
  Napi::Value map_granularity(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(core::map_granularity()));
  }

  Napi::Value reserve_addresses(const Napi::CallbackInfo& info) {
    return mappings_->reserve_addresses(info);
  }
  Napi::Value map_file_at(const Napi::CallbackInfo& info) { return mappings_->map_file_at(info); }
  Napi::Value ask_for_pages(const Napi::CallbackInfo& info) {
    return mappings_->ask_for_pages(info);
  }

  Napi::Value map_range(const Napi::CallbackInfo& info) { return mappings_->map_range(info); }

  // (bytes: ArrayBuffer) => void
  Napi::Value unmap_range(const Napi::CallbackInfo& info) {
    mappings_->unmap(info[0].As<Napi::ArrayBuffer>());
    return info.Env().Undefined();
  }

  Napi::Value open_file(const Napi::CallbackInfo& info) {
    return addon::open_file(info, environment_->reads(), &Opaque<SharedOpenFile>::wrap);
  }

  Napi::Value read_file(const Napi::CallbackInfo& info) {
    return addon::read_file(info, environment_->reads(),
                            *Opaque<SharedOpenFile>::unwrap(info[0], "file"));
  }

  // (file) => void
  Napi::Value close_file(const Napi::CallbackInfo& info) {
    Opaque<SharedOpenFile>::unwrap(info[0], "file")->file.reset();
    return info.Env().Undefined();
  }

  Napi::Value read_parts(const Napi::CallbackInfo& info) {
    return addon::read_parts(info, environment_->reads());
  }

  Napi::Value exif_orientation(const Napi::CallbackInfo& info) {
    return addon::exif_orientation(info);
  }

  Napi::Value jpeg_orientation(const Napi::CallbackInfo& info) {
    return addon::jpeg_orientation(info);
  }

  Napi::Value jpeg_verdict(const Napi::CallbackInfo& info) { return addon::jpeg_verdict(info); }

  Napi::Value tiff_jpeg_verdict(const Napi::CallbackInfo& info) {
    return addon::tiff_jpeg_verdict(info);
  }

  Napi::Value stored_format(const Napi::CallbackInfo& info) { return addon::stored_format(info); }

  Napi::Value stored_image(const Napi::CallbackInfo& info) { return addon::stored_image(info); }

  Napi::Value webp_image(const Napi::CallbackInfo& info) { return addon::webp_image(info); }

  Napi::Value unpack_tiff_fax(const Napi::CallbackInfo& info) {
    return addon::unpack_tiff_fax(info);
  }

  Napi::Value unpack_tiff_lzw(const Napi::CallbackInfo& info) {
    return addon::unpack_tiff_lzw(info);
  }

  static constexpr std::int64_t kMaxThreads = 1024;
  static constexpr std::size_t kLargeBytes = std::size_t{4} << 20;

  std::unique_ptr<Environment> environment_;
  std::shared_ptr<FileMappings> mappings_ = std::make_shared<FileMappings>();
};

}  // namespace

NODE_API_NAMED_ADDON(pixtok, Addon)

}  // namespace pixtok::addon
