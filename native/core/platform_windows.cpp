#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <malloc.h>
#include <windows.h>

#include <algorithm>
#include <memory>

#include "core/platform.h"

namespace pixtok::core {

namespace {

constexpr std::size_t kMostReadAtOnce = std::size_t{1} << 30;

// False for what is not UTF-8.
bool to_wide(const std::string& text, std::wstring& wide) {
  wide.clear();
  if (text.empty()) return true;
  const auto length = static_cast<int>(std::min<std::size_t>(text.size(), INT_MAX));
  const int needed =
      MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text.data(), length, nullptr, 0);
  if (needed <= 0) return false;
  wide.resize(static_cast<std::size_t>(needed));
  return MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text.data(), length, wide.data(),
                             needed) == needed;
}

std::string to_utf8(const std::wstring& wide) {
  if (wide.empty()) return {};
  const auto length = static_cast<int>(wide.size());
  const int needed =
      WideCharToMultiByte(CP_UTF8, 0, wide.data(), length, nullptr, 0, nullptr, nullptr);
  std::string text(static_cast<std::size_t>(std::max(needed, 0)), '\0');
  WideCharToMultiByte(CP_UTF8, 0, wide.data(), length, text.data(), needed, nullptr, nullptr);
  return text;
}

// The system's own words, without the full stop and the line's end behind them.
std::string message_of(DWORD error) {
  wchar_t* words = nullptr;
  const DWORD length = FormatMessageW(
      FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS,
      nullptr, error, 0, reinterpret_cast<wchar_t*>(&words), 0, nullptr);
  if (length == 0) return "error " + std::to_string(error);
  const std::unique_ptr<wchar_t, decltype(&LocalFree)> holder(words, LocalFree);
  std::wstring message(words, length);
  message.resize(message.find_last_not_of(L"\r\n. ") + 1);
  return to_utf8(message);
}

Status no_such_file() { return Status::failure(StatusCode::kFileNotFound, "no such file"); }

// The code for an error that is not about the path.
StatusCode code_of(DWORD error) {
  switch (error) {
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY:
    case ERROR_COMMITMENT_LIMIT:
      return StatusCode::kOutOfMemory;
    case ERROR_TOO_MANY_OPEN_FILES:
    case ERROR_NO_SYSTEM_RESOURCES:
      return StatusCode::kOutOfFileDescriptors;
    case ERROR_CRC:
    case ERROR_IO_DEVICE:
    case ERROR_NOT_READY:
    case ERROR_SEM_TIMEOUT:
    case ERROR_UNEXP_NET_ERR:
    case ERROR_NETNAME_DELETED:
    case ERROR_DEV_NOT_EXIST:
      return StatusCode::kStorageFailed;
    default:
      return StatusCode::kFileUnreadable;
  }
}

Status failure(DWORD error) {
  switch (error) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_DRIVE:
    case ERROR_INVALID_NAME:
    case ERROR_BAD_NETPATH:
    case ERROR_BAD_NET_NAME:
    case ERROR_BAD_PATHNAME:
      return no_such_file();
    default:
      return Status::failure(code_of(error), "the file cannot be read: " + message_of(error));
  }
}

// The same path from its root on; as it was where the system does not know.
std::wstring full_path(const std::wstring& path) {
  const DWORD size = GetFullPathNameW(path.c_str(), 0, nullptr, nullptr);
  if (size == 0) return path;
  std::wstring full(size, L'\0');
  const DWORD length = GetFullPathNameW(path.c_str(), size, full.data(), nullptr);
  if (length == 0 || length >= size) return path;
  full.resize(length);
  return full;
}

bool starts_with(const std::wstring& text, const wchar_t* start) {
  return text.rfind(start, 0) == 0;
}

// A path of any length: beyond MAX_PATH the system takes only the form \\?\C:\folder\file.
std::wstring openable_path(const std::wstring& path) {
  std::wstring full = full_path(path);
  if (full.size() < MAX_PATH || starts_with(full, LR"(\\?\)") || starts_with(full, LR"(\\.\)")) {
    return path;
  }
  if (starts_with(full, LR"(\\)")) return LR"(\\?\UNC)" + full.substr(1);
  return LR"(\\?\)" + full;
}

HANDLE handle_of(FileHandle file) { return reinterpret_cast<HANDLE>(file); }

// The system counts in steps of 100 nanoseconds since 1601.
std::int64_t since_1970(const FILETIME& time) {
  constexpr std::int64_t kSteps = 116'444'736'000'000'000;
  const auto steps = std::uint64_t{time.dwHighDateTime} << 32 | time.dwLowDateTime;
  return (static_cast<std::int64_t>(steps) - kSteps) * 100;
}

Status version_of_regular_file(HANDLE handle, FileVersion& version) {
  if (GetFileType(handle) != FILE_TYPE_DISK) {
    return Status::failure(StatusCode::kNotAFile, "this is not a regular file");
  }
  BY_HANDLE_FILE_INFORMATION information;
  if (!GetFileInformationByHandle(handle, &information)) return failure(GetLastError());
  if ((information.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
    return Status::failure(StatusCode::kNotAFile, "this is a folder, not a file");
  }
  version.size = std::uint64_t{information.nFileSizeHigh} << 32 | information.nFileSizeLow;
  version.modified = since_1970(information.ftLastWriteTime);
  return Status::success();
}

}  // namespace

Status open_file(const std::string& path, FileHandle& file, FileVersion& version) {
  std::wstring wide;
  if (path.find('\0') != std::string::npos || !to_wide(path, wide)) return no_such_file();
  // Backup semantics open folders as well, so that they can be distinguished from files that may
  // not be read. A pipe's server must not act in our name.
  const HANDLE handle = CreateFileW(
      openable_path(wide).c_str(), GENERIC_READ,
      FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING,
      FILE_FLAG_BACKUP_SEMANTICS | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION, nullptr);
  if (handle == INVALID_HANDLE_VALUE) return failure(GetLastError());
  const Status status = version_of_regular_file(handle, version);
  if (status.ok()) {
    file = reinterpret_cast<FileHandle>(handle);
  } else {
    CloseHandle(handle);
  }
  return status;
}

void close_file(FileHandle file) { CloseHandle(handle_of(file)); }

Status read_file(FileHandle file, std::uint64_t offset, void* target, std::size_t bytes,
                 std::size_t& count) {
  OVERLAPPED position = {};
  position.Offset = static_cast<DWORD>(offset & 0xffffffffU);
  position.OffsetHigh = static_cast<DWORD>(offset >> 32);
  DWORD done = 0;
  if (!ReadFile(handle_of(file), target, static_cast<DWORD>(std::min(bytes, kMostReadAtOnce)),
                &done, &position)) {
    const DWORD error = GetLastError();
    if (error != ERROR_HANDLE_EOF) return failure(error);
    done = 0;
  }
  count = done;
  return Status::success();
}

std::size_t map_granularity() {
  static const std::size_t bytes = [] {
    SYSTEM_INFO information;
    GetSystemInfo(&information);
    return std::size_t{information.dwAllocationGranularity};
  }();
  return bytes;
}

Status map_file(FileHandle file, std::uint64_t offset, std::size_t bytes, std::uint8_t*& memory) {
  const HANDLE mapping = CreateFileMappingW(handle_of(file), nullptr, PAGE_READONLY, 0, 0, nullptr);
  if (mapping == nullptr) return failure(GetLastError());
  void* view = MapViewOfFile(mapping, FILE_MAP_READ, static_cast<DWORD>(offset >> 32),
                             static_cast<DWORD>(offset & 0xffffffffU), bytes);
  const DWORD error = view == nullptr ? GetLastError() : ERROR_SUCCESS;
  CloseHandle(mapping);  // the view holds what it needs of it
  if (view == nullptr) return failure(error);
  memory = static_cast<std::uint8_t*>(view);
  return Status::success();
}

void unmap_file(std::uint8_t* memory, std::size_t) { UnmapViewOfFile(memory); }

std::uint8_t* reserve_addresses(std::size_t) { return nullptr; }

Status map_file_at(FileHandle, std::size_t, std::uint8_t*) { return failure(ERROR_NOT_SUPPORTED); }

// A path also finds the libraries that this one needs beside it. A mere name is looked for where
// the program and the system have theirs: the current folder could be anybody's.
void* open_library(const std::string& path, std::string& error) {
  std::wstring wide;
  if (!to_wide(path, wide)) {
    error = message_of(ERROR_FILE_NOT_FOUND);
    return nullptr;
  }
  const bool is_name = wide.find_first_of(L"\\/:") == std::wstring::npos;
  const DWORD folders = is_name
                            ? LOAD_LIBRARY_SEARCH_DEFAULT_DIRS
                            : LOAD_LIBRARY_SEARCH_DEFAULT_DIRS | LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR;
  const HMODULE library =
      LoadLibraryExW(is_name ? wide.c_str() : full_path(wide).c_str(), nullptr, folders);
  if (library == nullptr) error = path + ": " + message_of(GetLastError());
  return library;
}

void close_library(void* library) { FreeLibrary(static_cast<HMODULE>(library)); }

void* find_symbol(void* library, const char* name) {
  return reinterpret_cast<void*>(GetProcAddress(static_cast<HMODULE>(library), name));
}

void* find_program_symbol(const char* name) { return find_symbol(GetModuleHandleW(nullptr), name); }

void* allocate_aligned_memory(std::size_t alignment, std::size_t bytes) {
  return _aligned_malloc(bytes, alignment);
}

void free_aligned_memory(void* memory) { _aligned_free(memory); }

void* allocate_pages(std::size_t bytes) {
  return VirtualAlloc(nullptr, bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}

void free_pages(void* memory, std::size_t) { VirtualFree(memory, 0, MEM_RELEASE); }

void advise_random(const std::uint8_t*, std::size_t) {}
void advise_random_reads(FileHandle) {}

// A few ranges a second are not worth a function that old systems lack: they are read when touched.
void advise_will_need(const std::uint8_t*, std::size_t) {}

std::optional<std::uint64_t> most_open_files() { return std::nullopt; }

void advise_huge_pages(void*, std::size_t) {}

std::optional<std::uint64_t> waits_of_this_thread() { return std::nullopt; }

// A thread of lower priority gets nothing here while others are busy.
int nicer_than_this_thread() { return 0; }
void set_niceness(int) {}

}  // namespace pixtok::core
