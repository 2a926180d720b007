#include "core/mapped_file.h"

#if defined(__linux__)
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "core/regular_file.h"
#include "test/check.h"
#include "test/temporary_folder.h"

namespace {

using namespace pixtok;
using core::MappedFile;
using core::StatusCode;

// A file of these bytes for as long as this lives.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::vector<std::uint8_t>& bytes)
      : path_((folder_.path() / "file").u8string()) {
    std::FILE* file = std::fopen(path_.c_str(), "wb");
    CHECK(file != nullptr);
    if (file == nullptr) return;
    for (const std::uint8_t byte : bytes) CHECK(std::fputc(byte, file) == byte);
    std::fclose(file);
  }

  const std::string& path() const { return path_; }

 private:
  test::TemporaryFolder folder_;
  std::string path_;
};

TEST("a mapped file is its bytes, also when its name is gone") {
  std::vector<std::uint8_t> bytes(10000);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 31);
  const TemporaryFile file(bytes);
  MappedFile mapped;
  CHECK(MappedFile::open(file.path(), mapped).ok());
  std::remove(file.path().c_str());  // Windows refuses
  CHECK(mapped.size == bytes.size());
  CHECK(std::memcmp(mapped.data, bytes.data(), bytes.size()) == 0);
}

TEST("a part of a file is mapped from any byte on") {
  std::vector<std::uint8_t> bytes(200000);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(i * 31 + i / 256);
  const TemporaryFile file(bytes);
  core::RegularFile opened;
  CHECK(opened.open(file.path()).ok());
  const std::size_t parts[][2] = {{0, 1}, {1, 5000}, {4096, 4096}, {65535, 70000}, {199999, 1}};
  for (const auto& [offset, size] : parts) {
    MappedFile mapped;
    CHECK(MappedFile::map(opened, offset, size, mapped).ok());
    CHECK(mapped.size == size);
    CHECK(std::memcmp(mapped.data, bytes.data() + offset, size) == 0);
  }
}

TEST("what is no file, or is empty, is not mapped") {
  MappedFile mapped;
  CHECK(MappedFile::open("no such file", mapped).code == StatusCode::kFileNotFound);
  CHECK(MappedFile::open(std::string("no\0file", 7), mapped).code == StatusCode::kFileNotFound);
  CHECK(MappedFile::open(".", mapped).code == StatusCode::kNotAFile);
  const TemporaryFile empty({});
  CHECK(MappedFile::open(empty.path(), mapped).code == StatusCode::kEmptyFile);
  CHECK(mapped.pages == nullptr);
}

#ifndef _WIN32
TEST("files are mapped at reserved addresses, where zeros are before and between") {
  constexpr std::size_t kPlace = 65536;
  const TemporaryFile file(std::vector<std::uint8_t>(5000, 7));
  core::RegularFile opened;
  CHECK(opened.open(file.path()).ok());
  MappedFile reserved;
  CHECK(MappedFile::reserve(3 * kPlace, reserved));
  CHECK(reserved.size == 3 * kPlace);
  CHECK(core::map_at(opened, reserved.data + kPlace).ok());
  for (std::size_t i = 0; i < reserved.size; ++i) {
    const bool is_file = i >= kPlace && i < kPlace + 5000;
    CHECK(reserved.data[i] == (is_file ? 7 : 0));
  }
}

TEST("more addresses than there are cannot be reserved") {
  MappedFile reserved;
  CHECK(!MappedFile::reserve(std::size_t{1} << 60, reserved));
  CHECK(reserved.pages == nullptr);
}

TEST("zeros stay at reserved addresses where a file cannot be mapped") {
  const std::string path = "/sys/kernel/mm/transparent_hugepage/enabled";  // of some Linux machines
  core::RegularFile opened;
  if (!opened.open(path).ok()) return;
  MappedFile reserved;
  CHECK(MappedFile::reserve(65536, reserved));
  CHECK(core::map_at(opened, reserved.data).code == StatusCode::kFileUnreadable);
  CHECK(reserved.data[0] == 0);
}
#endif

// Of Linux: /proc/self/maps names every file that is mapped, /proc/self/fd every one that is open.
#if defined(__linux__)
bool is_in_use(const std::string& given) {
  const std::string path = std::filesystem::canonical(given).u8string();
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.find(path) != std::string::npos) return true;
  }
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code ignored;
    if (std::filesystem::read_symlink(entry.path(), ignored) == path) return true;
  }
  return false;
}

TEST("a mapping is given back with its memory, and its file is closed before") {
  const TemporaryFile file(std::vector<std::uint8_t>(5000, 1));
  const TemporaryFile other(std::vector<std::uint8_t>(5000, 2));
  {
    MappedFile mapped;
    CHECK(MappedFile::open(file.path(), mapped).ok());
    CHECK(is_in_use(file.path()));
    CHECK(MappedFile::open(other.path(), mapped).ok());
    CHECK(!is_in_use(file.path()));
  }
  CHECK(!is_in_use(other.path()));
}

TEST("what is opened and found to be no file is closed") {
  const test::TemporaryFolder folder;
  core::RegularFile file;
  CHECK(file.open(folder.path().u8string()).code == StatusCode::kNotAFile);
  CHECK(!is_in_use(folder.path().u8string()));
}
#endif

// Wine reads such a file where it cannot map it.
#ifndef _WIN32
TEST("a file that cannot be mapped is no fault of the storage") {
  const std::string path = "/sys/kernel/mm/transparent_hugepage/enabled";  // of some Linux machines
  std::FILE* there = std::fopen(path.c_str(), "rb");
  if (there == nullptr) return;
  std::fclose(there);
  MappedFile mapped;
  CHECK(MappedFile::open(path, mapped).code == StatusCode::kFileUnreadable);
}
#endif

#if defined(__linux__)
// A file that is not in the system's cache, for as long as this lives.
class UncachedFile {
 public:
  static constexpr std::size_t kPage = 4096;
  static constexpr std::size_t kPages = 512;

  UncachedFile() {
    const std::filesystem::path path = folder_.path() / "file";
    test::write(path, std::string(kPages * kPage, 'x'));
    const int file = ::open(path.c_str(), O_RDONLY);
    CHECK(::fsync(file) == 0);
    CHECK(::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0);
    ::close(file);
    CHECK(MappedFile::open(path.u8string(), mapped_).ok());
  }

  const std::uint8_t* data() const { return mapped_.data; }
  std::uint8_t* page(std::size_t place) const {
    return const_cast<std::uint8_t*>(mapped_.data) + place * kPage;
  }

  std::size_t cached_pages() const {
    std::vector<unsigned char> pages(kPages);
    CHECK(::mincore(page(0), kPages * kPage, pages.data()) == 0);
    return static_cast<std::size_t>(std::count_if(
        pages.begin(), pages.end(), [](unsigned char page) { return (page & 1) != 0; }));
  }

 private:
  test::TemporaryFolder folder_;
  MappedFile mapped_;
};

TEST("pages that are wanted in no order come alone, and those that are asked for all come") {
  if (::sysconf(_SC_PAGESIZE) != static_cast<long>(UncachedFile::kPage)) return;
  const UncachedFile file;
  if (file.cached_pages() > 0) return;  // a file system in memory
  const UncachedFile other;
  CHECK(::madvise(other.page(0), UncachedFile::kPages * UncachedFile::kPage, MADV_RANDOM) == 0);
  core::touch_pages({other.page(0), 1});
  if (other.cached_pages() > 1) return;  // an emulator, which takes no advice
  core::advise_random(file.data(), UncachedFile::kPages * UncachedFile::kPage);
  core::touch_pages({file.page(200), 1});
  CHECK(file.cached_pages() == 1);
  core::advise_will_need(file.data(), 100 * UncachedFile::kPage);
  for (int turn = 0; turn < 10'000 && file.cached_pages() < 101; ++turn) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  CHECK(file.cached_pages() == 101);
}
#endif

TEST("pages of any range of a mapped file can be touched and asked for") {
  const test::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "file";
  test::write(path, std::string(20'000, 'x'));
  MappedFile mapped;
  CHECK(MappedFile::open(path.u8string(), mapped).ok());
  for (const std::size_t from : {0, 1, 4095, 4096, 19'999, 20'000}) {
    const core::Bytes range{mapped.data + from, mapped.size - from};
    core::advise_will_need(range.data, range.size);
    core::touch_pages(range);
  }
}

}  // namespace
