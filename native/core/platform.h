#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/status.h"

// Everything that is not the same on every operating system: platform_posix.cpp and
// platform_windows.cpp are behind it. Who wants it to be closed or freed by itself takes
// RegularFile, MappedFile, LibraryHandle or AlignedBytes. Strings are UTF-8.
namespace pixtok::core {

// A descriptor, or a HANDLE.
using FileHandle = std::intptr_t;
inline constexpr FileHandle kNoFile = -1;

// What is another one when a file has been written again.
struct FileVersion {
  std::uint64_t size = 0;
  std::int64_t modified = 0;  // in nanoseconds since 1970
};

// Opens a file for reading. Fails for folders, pipes and whatever else is no regular file, without
// waiting for any of them; there is nothing to be closed then.
Status open_file(const std::string& path, FileHandle& file, FileVersion& version);
void close_file(FileHandle file);

// Reads some of the bytes from `offset` on; none means the end of the file.
Status read_file(FileHandle file, std::uint64_t offset, void* target, std::size_t bytes,
                 std::size_t& count);

// A part of a file may be mapped from multiples of this on.
std::size_t map_granularity();
// Some bytes of a file, from `offset` on, as memory for reading alone; the file may be closed.
// Preconditions: bytes > 0; `offset` is a multiple of map_granularity().
Status map_file(FileHandle file, std::uint64_t offset, std::size_t bytes, std::uint8_t*& memory);
void unmap_file(std::uint8_t* memory, std::size_t bytes);

// Addresses for files, with zeros where none is mapped; unmap_file() frees them. Null where the
// system has none, or where they would be many of those that the process may have. Precondition:
// bytes > 0.
std::uint8_t* reserve_addresses(std::size_t bytes);
// As map_file(), from the file's beginning on, at reserved addresses. Precondition: `memory` is a
// multiple of map_granularity(), and nobody reads what is there.
Status map_file_at(FileHandle file, std::size_t bytes, std::uint8_t* memory);

// Null, with the loader's reason in `error`, when there is no such library.
void* open_library(const std::string& path, std::string& error);
void close_library(void* library);
struct CloseLibrary {
  void operator()(void* library) const { close_library(library); }
};
using LibraryHandle = std::unique_ptr<void, CloseLibrary>;
// Null when the library has no such function.
void* find_symbol(void* library, const char* name);
// The same of the running program itself, which is never closed.
void* find_program_symbol(const char* name);

// Null when there is no memory. Precondition: the alignment is a power of two, at least a
// pointer's size.
void* allocate_aligned_memory(std::size_t alignment, std::size_t bytes);
void free_aligned_memory(void* memory);

// Memory of whole pages, which the system has back at once when it is freed; a program's allocator
// may keep what one thread allocates and another frees. Null when there is none. Precondition:
// bytes > 0.
void* allocate_pages(std::size_t bytes);
void free_pages(void* memory, std::size_t bytes);

// Says that bytes of a mapped file, or of a file that is read, are wanted in no order: the system
// fetches those that are touched, read or asked for, and none beside them.
void advise_random(const std::uint8_t* memory, std::size_t bytes);
void advise_random_reads(FileHandle file);

// Says that some bytes of a mapped file are going to be read soon, where the system can make use of
// it. Does not wait for them.
void advise_will_need(const std::uint8_t* memory, std::size_t bytes);

// Files that this process may have open at once, as far as the system says.
std::optional<std::uint64_t> most_open_files();

// Says that all of a large block is going to be written soon, where the system can make use of it.
void advise_huge_pages(void* memory, std::size_t bytes);

// How often the calling thread has waited so far, for storage as for other threads, and not for a
// processor alone. Nothing where the system does not say.
std::optional<std::uint64_t> waits_of_this_thread();

// How nice a thread is that lets the calling one go first, where the system can say so of one
// thread and still gives it its share of a busy machine: on Linux. Threads begin as nice as the one
// that starts them, so it is asked for on a thread that has not been made nicer.
int nicer_than_this_thread();

// Makes the calling thread so nice.
void set_niceness(int niceness);

}  // namespace pixtok::core
