#pragma once

#include <napi.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "addon/memory_allowance.h"
#include "core/mapped_file.h"

namespace pixtok::addon {

// Files as array buffers, for reading alone: a write into one ends the process. The garbage
// collector unmaps them, or unmap() does.
class FileMappings : public std::enable_shared_from_this<FileMappings> {
 public:
  // Of map_range(): parts of files are mapped and unmapped all the time.
  MemoryAllowance& allowance() { return allowance_; }

  // (path: string, mostBytes: number) => { bytes: ArrayBuffer } or { code, message }
  Napi::Value map_file(const Napi::CallbackInfo& info);

  // (path: string, fileBytes: number, offset: number, length: number, beginning: Uint8Array) =>
  // { bytes: ArrayBuffer }, { code, message }, or { fileBytes } of a file that has more or fewer
  // bytes than it should. `beginning` is filled from the same file.
  Napi::Value map_range(const Napi::CallbackInfo& info);

  // (bytes: number) => ArrayBuffer, or undefined where the system has no such addresses. Files are
  // mapped into it by map_file_at(); zeros are where none is.
  Napi::Value reserve_addresses(const Napi::CallbackInfo& info);

  // (addresses: ArrayBuffer, offset: number, path: string, fileBytes: number) => null where the
  // file is mapped from there on, { code, message }, or { fileBytes } as map_range().
  // Precondition: nobody reads what is there.
  Napi::Value map_file_at(const Napi::CallbackInfo& info);

  // (file: ArrayBuffer, ranges: Float64Array) => undefined. Asks the system for parts of what
  // map_file(), map_file_at() or map_range() has mapped, all at once: of each where it begins, and
  // its bytes.
  Napi::Value ask_for_pages(const Napi::CallbackInfo& info);

  // What the bytes that begin there are in: nothing that is mapped, a file, a part of one, or
  // addresses of files.
  enum class Kind { kNone, kFile, kPart, kReserved };
  Kind find(const void* address);

  // Detaches an array buffer of map_range() and unmaps it, at once; none of another origin.
  // Precondition: no thread is reading it.
  void unmap(Napi::ArrayBuffer buffer);

 private:
  // What the engine is handed with an array buffer; finalize() frees it.
  struct Mapping {
    std::weak_ptr<FileMappings> mappings;
    core::MappedFile file;
    Kind kind;
  };

  // On any thread, as Deno calls it on the collector's; and during Detach() where the engine is
  // Bun's.
  static void finalize(napi_env env, void* address, void* hint) noexcept;

  Napi::Value array_buffer(Napi::Env env, core::MappedFile file, Kind kind);

  // Where in reserved addresses a file of so many bytes goes.
  std::uint8_t* place_in(Napi::Env env, Napi::ArrayBuffer addresses, double offset, double bytes);

  // What was mapped at an address, which may be mapped again before finalize() has been called.
  core::MappedFile take(const void* address);

  MemoryAllowance allowance_;  // for the environment's thread alone

  std::mutex mutex_;                                                // guards what follows
  std::map<const void*, Mapping*, std::less<const void*>> mapped_;  // by address
};

}  // namespace pixtok::addon
