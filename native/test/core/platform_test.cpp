#include "core/platform.h"

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>

#include "core/aligned_buffer.h"
#include "core/regular_file.h"
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
  CHECK(file.open("").code == StatusCode::kFileNotFound);
  CHECK(file.open(folder.path().u8string()).code == StatusCode::kNotAFile);
  CHECK(file.handle() == core::kNoFile);
  const std::string too_long(40000, 'x');
  const Status status = file.open(too_long);
  CHECK(status.code == StatusCode::kFileUnreadable || status.code == StatusCode::kFileNotFound);
  CHECK(!status.message.empty());
}

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
