#include "core/mapped_file.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "test/check.h"

namespace {

using namespace pixtok;
using core::MappedFile;
using core::StatusCode;

// A file of these bytes for as long as this lives.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::vector<std::uint8_t>& bytes)
      : path_("mapped_file_test_" + std::to_string(test::seed())) {
    std::FILE* file = std::fopen(path_.c_str(), "wb");
    CHECK(file != nullptr);
    if (file == nullptr) return;
    for (const std::uint8_t byte : bytes) CHECK(std::fputc(byte, file) == byte);
    std::fclose(file);
  }
  ~TemporaryFile() { std::remove(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const { return path_; }

 private:
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
  CHECK(std::memcmp(mapped.bytes.get(), bytes.data(), bytes.size()) == 0);
}

TEST("what is no file, or is empty, is not mapped") {
  MappedFile mapped;
  CHECK(MappedFile::open("no such file", mapped).code == StatusCode::kFileNotFound);
  CHECK(MappedFile::open(std::string("no\0file", 7), mapped).code == StatusCode::kFileNotFound);
  CHECK(MappedFile::open(".", mapped).code == StatusCode::kNotAFile);
  const TemporaryFile empty({});
  CHECK(MappedFile::open(empty.path(), mapped).code == StatusCode::kEmptyFile);
  CHECK(mapped.bytes == nullptr);
}

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

}  // namespace
