#include "core/platform.h"

#if defined(__linux__)
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "core/aligned_buffer.h"
#include "core/regular_file.h"
#include "core/storage_clock.h"
#include "test/check.h"
#include "test/temporary_folder.h"

namespace {

using namespace pixtok;
using core::RegularFile;
using core::Status;
using core::StatusCode;
namespace fs = std::filesystem;
using test::TemporaryFolder;
using test::write;

TEST("a file is read from any place on, and ends") {
  const TemporaryFolder folder;
  // Letters beyond ASCII, in and beyond the basic plane.
  const fs::path path = folder.path() / fs::u8path(u8"Größe 図 🖼.bin");
  write(path, "0123456789");
  RegularFile file;
  CHECK(file.open(path.u8string()).ok());
  CHECK(file.size() == 10);
  char bytes[16];
  std::size_t count = 0;
  CHECK(core::read_file(file.handle(), 7, bytes, sizeof bytes, count).ok());
  CHECK(count == 3 && std::memcmp(bytes, "789", 3) == 0);
  CHECK(core::read_file(file.handle(), 2, bytes, 4, count).ok());
  CHECK(count == 4 && std::memcmp(bytes, "2345", 4) == 0);
  CHECK(core::read_file(file.handle(), 10, bytes, sizeof bytes, count).ok());
  CHECK(count == 0);
  CHECK(core::read_file(file.handle(), std::uint64_t{1} << 40, bytes, sizeof bytes, count).ok());
  CHECK(count == 0);
}

TEST("a file that is open can be written, renamed and removed by others") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "file";
  write(path, "before");
  RegularFile file;
  CHECK(file.open(path.u8string()).ok());
  write(path, "behind");
  std::error_code error;
  fs::rename(path, folder.path() / "other", error);
  CHECK(!error);
  fs::remove(folder.path() / "other", error);
  CHECK(!error);
  char bytes[6];
  std::size_t count = 0;
  CHECK(core::read_file(file.handle(), 0, bytes, sizeof bytes, count).ok());
  CHECK(count == 6 && std::memcmp(bytes, "behind", 6) == 0);
}

TEST("a path may be long") {
  const TemporaryFolder folder;
  fs::path deep = folder.path();
  for (int i = 0; i < 6; ++i) deep /= std::string(60, static_cast<char>('a' + i));
  std::error_code error;
  fs::create_directories(deep, error);
  if (error) return;  // the system does not have them
  std::ofstream(deep / "file") << "deep";
  if (!fs::exists(deep / "file", error)) return;
  RegularFile file;
  CHECK(file.open((deep / "file").u8string()).ok());
  CHECK(file.size() == 4);
}

TEST("what cannot be opened says why") {
  const TemporaryFolder folder;
  RegularFile file;
  CHECK(file.open((folder.path() / "none").u8string()).code == StatusCode::kFileNotFound);
  CHECK(file.open((folder.path() / "none" / "none").u8string()).code == StatusCode::kFileNotFound);
  write(folder.path() / "file", "1");
  CHECK(file.open((folder.path() / "file" / "none").u8string()).code == StatusCode::kFileNotFound);
  CHECK(file.open("").code == StatusCode::kFileNotFound);
  const std::string with_zero = (folder.path() / "file").u8string() + std::string(1, '\0') + "x";
  CHECK(file.open(with_zero).code == StatusCode::kFileNotFound);
  CHECK(file.open(folder.path().u8string()).code == StatusCode::kNotAFile);
  CHECK(file.handle() == core::kNoFile);
  const std::string too_long(40000, 'x');
  const Status status = file.open(too_long);
  CHECK(status.code == StatusCode::kFileUnreadable || status.code == StatusCode::kFileNotFound);
  CHECK(!status.message.empty());
}

#if defined(__linux__)
TEST("a program that this one starts does not inherit its files") {
  const TemporaryFolder folder;
  write(folder.path() / "file", "1");
  RegularFile file;
  CHECK(file.open((folder.path() / "file").u8string()).ok());
  CHECK((::fcntl(static_cast<int>(file.handle()), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST("pipes, sockets and folders are no files, and are not waited for") {
  const TemporaryFolder folder;
  RegularFile file;
  const std::string pipe = (folder.path() / "pipe").u8string();
  CHECK(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(file.open(pipe).message == "this is not a regular file");
  CHECK(file.open(folder.path().u8string()).message == "this is a folder, not a file");
  const std::string path = (folder.path() / "socket").u8string();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
  CHECK(::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  CHECK(file.open(path).message == "this is not a regular file");
  ::close(descriptor);
}

TEST("a file may have the descriptor of standard input, where that is closed") {
  const TemporaryFolder folder;
  write(folder.path() / "file", "text");
  const int input = ::dup(STDIN_FILENO);
  ::close(STDIN_FILENO);
  {
    RegularFile file;
    CHECK(file.open((folder.path() / "file").u8string()).ok());
    CHECK(file.handle() == STDIN_FILENO && file.size() == 4);
  }
  if (input >= 0) ::dup2(input, STDIN_FILENO);
  if (input >= 0) ::close(input);
}

// A limit of the process, for as long as this lives.
class MostOpenFiles {
 public:
  explicit MostOpenFiles(rlim_t most) {
    CHECK(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    const rlimit limit{most, before_.rlim_max};
    CHECK(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  }
  ~MostOpenFiles() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST("a file that cannot be opened for want of descriptors says so") {
  const TemporaryFolder folder;
  write(folder.path() / "file", "text");
  RegularFile file;
  const MostOpenFiles none(0);
  CHECK(file.open((folder.path() / "file").u8string()).code == StatusCode::kOutOfFileDescriptors);
}

TEST("threads with files have a sixteenth of those that the process may open") {
  const MostOpenFiles few(250);
  CHECK(core::most_open_files() == 250U);
  CHECK(core::most_threads_with_files() == 15);
}
#endif

TEST("a library that is not there leaves the loader's reason") {
  std::string error;
  CHECK(core::open_library("no-such-library", error) == nullptr);
  CHECK(!error.empty());
  error.clear();
  const TemporaryFolder folder;
  write(folder.path() / "text.so", "this is no library");
  CHECK(core::open_library((folder.path() / "text.so").u8string(), error) == nullptr);
  CHECK(!error.empty());
}

#if defined(__linux__)
// Bytes of a range that the kernel was told to have in huge pages: /proc/self/smaps, "hg".
std::size_t bytes_of_huge_pages(const std::uint8_t* memory, std::size_t bytes) {
  const auto begin = reinterpret_cast<std::uintptr_t>(memory);
  std::size_t sum = 0;
  std::uintptr_t first = 0;
  std::uintptr_t end = 0;
  std::ifstream maps("/proc/self/smaps");
  for (std::string line; std::getline(maps, line);) {
    unsigned long from = 0;
    unsigned long to = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &from, &to) == 2) {
      first = std::max<std::uintptr_t>(from, begin);
      end = std::min<std::uintptr_t>(to, begin + bytes);
    }
    const bool is_advised = line.rfind("VmFlags:", 0) == 0 && line.find(" hg") != std::string::npos;
    if (is_advised && first < end) sum += end - first;
  }
  return sum;
}

TEST("of a block the pages that lie within it are advised to be huge, and no others") {
  constexpr std::size_t kPages = 8;
  const std::size_t page = core::map_granularity();
  const core::PageBytes told(page);
  ::madvise(told.data(), page, MADV_HUGEPAGE);
  if (bytes_of_huge_pages(told.data(), page) == 0) return;  // this system does not say so
  struct Case {
    std::size_t start;
    std::size_t bytes;
    std::size_t pages;
  };
  for (const Case& one :
       {Case{0, 8 * page, 8}, Case{64, 3 * page, 2}, Case{page, 2 * page + 1, 2},
        Case{page - 1, page + 1, 1}, Case{64, page, 0}, Case{1, page - 1, 0}, Case{0, 0, 0}}) {
    const core::PageBytes block(kPages * page);
    core::advise_huge_pages(block.data() + one.start, one.bytes);
    CHECK(bytes_of_huge_pages(block.data(), kPages * page) == one.pages * page);
    const std::size_t first = (one.start + page - 1) / page * page;
    CHECK(bytes_of_huge_pages(block.data() + first, one.pages * page) == one.pages * page);
  }
}
#endif

TEST("any block can be advised to be of huge pages") {
  core::advise_huge_pages(nullptr, 0);
  const core::AlignedBytes memory = core::allocate_aligned(std::size_t{8} << 20);
  for (const std::size_t start : {std::size_t{0}, std::size_t{64}, std::size_t{4096}}) {
    for (const std::size_t bytes : {std::size_t{0}, std::size_t{1}, std::size_t{4096},
                                    std::size_t{70000}, (std::size_t{8} << 20) - start}) {
      if (start + bytes <= std::size_t{8} << 20) {
        core::advise_huge_pages(memory.get() + start, bytes);
      }
    }
  }
  std::memset(memory.get(), 1, std::size_t{8} << 20);
  CHECK(reinterpret_cast<std::uintptr_t>(memory.get()) % core::kAlignment == 0);
}

}  // namespace
