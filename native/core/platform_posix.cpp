#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <system_error>

#include "core/platform.h"

namespace pixtok::core {

namespace {

// macOS refuses to read more than 2 GiB at once.
constexpr std::size_t kMostReadAtOnce = std::size_t{1} << 30;

// Linux reads no more than it would read ahead for one call, and drops the rest of it.
constexpr std::size_t kAdvisedAtOnce = std::size_t{128} << 10;

// Those of the machine are listed in src/shared/machine-fault.ts as well.
StatusCode code_of(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return StatusCode::kFileNotFound;
    case ENOMEM:
      return StatusCode::kOutOfMemory;
    case EMFILE:
    case ENFILE:
      return StatusCode::kOutOfFileDescriptors;
    case EIO:
    case ESTALE:
    case ENXIO:
    case ENODEV:
    case ENOLINK:
#if defined(EREMOTEIO)
    case EREMOTEIO:
#endif
    case ETIMEDOUT:
    case EHOSTDOWN:
    case EAGAIN:
      return StatusCode::kStorageFailed;
    default:
      return StatusCode::kFileUnreadable;
  }
}

Status failure(int error) {
  const StatusCode code = code_of(error);
  if (code == StatusCode::kFileNotFound) return Status::failure(code, "no such file");
  return Status::failure(code,
                         "the file cannot be read: " + std::generic_category().message(error));
}

// What a call of the system gives, which is made again when a signal came, and a few times when the
// system has nothing now, as where another process has a lease of the file.
template <typename Call>
ssize_t tried_again(Call call) {
  constexpr int kAttempts = 5;
  constexpr timespec kPause{0, 20'000'000};
  for (int attempt = 1;;) {
    const ssize_t result = call();
    if (result >= 0 || (errno != EINTR && errno != EAGAIN)) return result;
    if (errno == EINTR) continue;
    if (attempt++ == kAttempts) return result;
    ::nanosleep(&kPause, nullptr);
  }
}

Status not_a_file(bool is_folder) {
  return Status::failure(StatusCode::kNotAFile,
                         is_folder ? "this is a folder, not a file" : "this is not a regular file");
}

bool is_regular_file(const std::string& path) {
  struct stat information;
  return ::stat(path.c_str(), &information) == 0 && S_ISREG(information.st_mode);
}

std::int64_t modification_of(const struct stat& information) {
#ifdef __APPLE__
  const timespec& time = information.st_mtimespec;
#else
  const timespec& time = information.st_mtim;
#endif
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  return static_cast<std::int64_t>(time.tv_sec) * kNanoseconds + time.tv_nsec;
}

Status version_of_regular_file(int descriptor, FileVersion& version) {
  struct stat information;
  if (::fstat(descriptor, &information) != 0) return failure(errno);
  if (!S_ISREG(information.st_mode)) return not_a_file(S_ISDIR(information.st_mode));
  version = {static_cast<std::uint64_t>(information.st_size), modification_of(information)};
  return Status::success();
}

// Where a process may not have all addresses, it needs some for other things.
constexpr rlim_t kShareOfAddresses = 4;
// No memory is promised for them: nobody writes there.
constexpr int kReserved = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

Status map_failure(int error) {
  // The file is open, so that its storage is there: it is the file system that has no maps.
  return error == ENODEV
             ? Status::failure(StatusCode::kFileUnreadable,
                               "the file cannot be mapped: its file system does not do so")
             : failure(error);
}

}  // namespace

Status open_file(const std::string& path, FileHandle& file, FileVersion& version) {
  if (path.find('\0') != std::string::npos) return failure(ENOENT);
  // Non-blocking: a named pipe must not hold the thread before it is known not to be a file.
  const auto descriptor = static_cast<int>(
      tried_again([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); }));
  if (descriptor < 0) {
    const int error = errno;
    // A socket, or a device that is not there.
    if ((error == ENXIO || error == ENODEV) && !is_regular_file(path)) return not_a_file(false);
    return failure(error);
  }
  const Status status = version_of_regular_file(descriptor, version);
  if (status.ok()) {
    file = descriptor;
  } else {
    ::close(descriptor);
  }
  return status;
}

void close_file(FileHandle file) { ::close(static_cast<int>(file)); }

Status read_file(FileHandle file, std::uint64_t offset, void* target, std::size_t bytes,
                 std::size_t& count) {
  const ssize_t result = tried_again([&] {
    return ::pread(static_cast<int>(file), target, std::min(bytes, kMostReadAtOnce),
                   static_cast<off_t>(offset));
  });
  if (result < 0) return failure(errno);
  count = static_cast<std::size_t>(result);
  return Status::success();
}

std::size_t map_granularity() {
  static const auto bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return bytes;
}

Status map_file(FileHandle file, std::uint64_t offset, std::size_t bytes, std::uint8_t*& memory) {
  void* mapped = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, static_cast<int>(file),
                        static_cast<off_t>(offset));
  if (mapped == MAP_FAILED) return map_failure(errno);
  memory = static_cast<std::uint8_t*>(mapped);
  return Status::success();
}

void unmap_file(std::uint8_t* memory, std::size_t bytes) { ::munmap(memory, bytes); }

std::uint8_t* reserve_addresses(std::size_t bytes) {
  struct rlimit limit{};
  const bool is_limited = ::getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
  if (is_limited && bytes > limit.rlim_cur / kShareOfAddresses) return nullptr;
  void* memory = ::mmap(nullptr, bytes, PROT_READ, kReserved, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<std::uint8_t*>(memory);
}

Status map_file_at(FileHandle file, std::size_t bytes, std::uint8_t* memory) {
  // What is there is gone where a file system refuses, and the addresses are free for other
  // threads. So it is asked beside it.
  std::uint8_t* tried = nullptr;
  const Status status = map_file(file, 0, 1, tried);
  if (!status.ok()) return status;
  unmap_file(tried, 1);
  void* mapped =
      ::mmap(memory, bytes, PROT_READ, MAP_SHARED | MAP_FIXED, static_cast<int>(file), 0);
  if (mapped != MAP_FAILED) return Status::success();
  const Status failed = map_failure(errno);  // the system has no memory for it, at this moment
  ::mmap(memory, bytes, PROT_READ, kReserved | MAP_FIXED, -1, 0);
  return failed;
}

void* open_library(const std::string& path, std::string& error) {
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* message = ::dlerror();
    error = message == nullptr ? "unknown error" : message;
  }
  return library;
}

void close_library(void* library) { ::dlclose(library); }

void* find_symbol(void* library, const char* name) { return ::dlsym(library, name); }

void* find_program_symbol(const char* name) { return ::dlsym(RTLD_DEFAULT, name); }

void* allocate_aligned_memory(std::size_t alignment, std::size_t bytes) {
  void* memory = nullptr;
  return ::posix_memalign(&memory, alignment, bytes) == 0 ? memory : nullptr;
}

void free_aligned_memory(void* memory) { std::free(memory); }

void* allocate_pages(std::size_t bytes) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}

void free_pages(void* memory, std::size_t bytes) { ::munmap(memory, bytes); }

std::optional<std::uint64_t> most_open_files() {
  struct rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  return static_cast<std::uint64_t>(limit.rlim_cur);
}

void advise_random(const std::uint8_t* memory, std::size_t bytes) {
  const std::size_t before = reinterpret_cast<std::uintptr_t>(memory) % map_granularity();
  ::posix_madvise(const_cast<std::uint8_t*>(memory) - before, bytes + before, POSIX_MADV_RANDOM);
}

void advise_random_reads(FileHandle file) {
#if defined(POSIX_FADV_RANDOM)
  ::posix_fadvise(static_cast<int>(file), 0, 0, POSIX_FADV_RANDOM);
#else
  static_cast<void>(file);
#endif
}

void advise_will_need(const std::uint8_t* memory, std::size_t bytes) {
  const std::size_t before = reinterpret_cast<std::uintptr_t>(memory) % map_granularity();
  auto* page = const_cast<std::uint8_t*>(memory) - before;
  for (std::size_t left = bytes + before; left > 0;) {
    const std::size_t part = std::min(left, kAdvisedAtOnce);
    ::posix_madvise(page, part, POSIX_MADV_WILLNEED);
    page += part;
    left -= part;
  }
}

#if defined(MADV_HUGEPAGE)
void advise_huge_pages(void* memory, std::size_t bytes) {
  const long page_size = ::sysconf(_SC_PAGESIZE);
  if (page_size <= 0) return;
  // Whole pages inside the block alone.
  const auto page = static_cast<std::uintptr_t>(page_size);
  const auto address = reinterpret_cast<std::uintptr_t>(memory);
  const std::uintptr_t before = (page - address % page) % page;
  if (bytes <= before) return;
  const std::size_t length = (bytes - before) / page * page;
  // Kernels without huge pages refuse, and nothing is lost.
  if (length > 0) ::madvise(static_cast<std::uint8_t*>(memory) + before, length, MADV_HUGEPAGE);
}
#else
void advise_huge_pages(void*, std::size_t) {}
#endif

#if defined(__linux__)
namespace {

std::optional<std::uint64_t> counted_waits() {
  struct rusage usage{};
  if (::getrusage(RUSAGE_THREAD, &usage) != 0) return std::nullopt;
  return static_cast<std::uint64_t>(usage.ru_nvcsw);
}

// Kernels that only look like Linux may leave the count at 0.
bool counts_waits() {
  const std::optional<std::uint64_t> before = counted_waits();
  const timespec moment{0, 1000};
  ::nanosleep(&moment, nullptr);
  return before && counted_waits() != before;
}

}  // namespace

std::optional<std::uint64_t> waits_of_this_thread() {
  static const bool counts = counts_waits();
  return counts ? counted_waits() : std::nullopt;
}
#else
std::optional<std::uint64_t> waits_of_this_thread() { return std::nullopt; }
#endif

#if defined(__linux__)
int nicer_than_this_thread() {
  // Measured on two cores: 3 is enough for the event loop to be let in at once, and as good as 8.
  constexpr int kNicer = 3;
  return ::getpriority(PRIO_PROCESS, 0) + kNicer;
}

void set_niceness(int niceness) {
  // Of the calling thread alone, on Linux.
  ::setpriority(PRIO_PROCESS, 0, niceness);
}
#else
int nicer_than_this_thread() { return 0; }
void set_niceness(int) {}
#endif

}  // namespace pixtok::core
