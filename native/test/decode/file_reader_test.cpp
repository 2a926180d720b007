#include "decode/file_reader.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "core/page_pool.h"
#include "core/regular_file.h"
#include "decode/file_signature.h"
#include "test/check.h"
#include "test/temporary_folder.h"

namespace {

using namespace pixtok;
using core::StatusCode;
using decode::FileReader;

std::string text_of(const FileReader& reader) {
  return std::string(reinterpret_cast<const char*>(reader.data()), reader.size());
}

TEST("a range of a file is read to its last byte and no further") {
  const test::TemporaryFolder folder;
  const std::string path = (folder.path() / "file").u8string();
  test::write(folder.path() / "file", "0123456789");
  FileReader reader;
  const auto opened = [&](const decode::FileRange& range) { return reader.open(path, range).code; };
  const auto read = [&](std::uint64_t most) {
    CHECK(reader.read_first(most).ok());
    return text_of(reader);
  };
  CHECK(opened({}) == StatusCode::kOk);
  CHECK(text_of(reader) == std::string("0123456789").substr(0, decode::kSignatureBytes));
  CHECK(read(4) == "0123" && read(10) == "0123456789" && read(11) == "0123456789");
  CHECK(opened({7, {}}) == StatusCode::kOk && read(100) == "789");
  CHECK(opened({9, {}}) == StatusCode::kOk && text_of(reader) == "9");
  CHECK(opened({2, 5}) == StatusCode::kOk && read(100) == "23456");
  CHECK(opened({2, 8}) == StatusCode::kOk && read(100) == "23456789");
  CHECK(opened({2, 9}) == StatusCode::kTruncatedImage);
  CHECK(reader.data() == nullptr && reader.size() == 0);
  CHECK(opened({10, 1}) == StatusCode::kTruncatedImage);
  CHECK(opened({11, 1}) == StatusCode::kTruncatedImage);
  CHECK(opened({10, {}}) == StatusCode::kEmptyFile && opened({11, {}}) == StatusCode::kEmptyFile);
  CHECK(opened({3, 0}) == StatusCode::kEmptyFile);
}

TEST("a range of a version of a file is read of that one alone") {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "file";
  test::write(path, "0123456789");
  core::RegularFile file;
  CHECK(file.open(path.u8string()).ok());
  const core::FileVersion version = file.version();
  CHECK(version.size == 10);
  file.close();
  auto pool = std::make_shared<core::PagePool>();
  FileReader reader;
  const auto opened = [&](const decode::FileRange& range) {
    const bool is_read = decode::read_whole_file(path.u8string(), range, 100, pool).size > 0;
    const StatusCode code = reader.open(path.u8string(), range).code;
    CHECK(is_read == (code == StatusCode::kOk));
    return code;
  };
  CHECK(opened({2, 5, version}) == StatusCode::kOk);
  CHECK(opened({2, 5, core::FileVersion{11, version.modified}}) == StatusCode::kSourceChanged);
  std::filesystem::last_write_time(
      path, std::filesystem::last_write_time(path) - std::chrono::seconds(1));
  CHECK(opened({2, 5, version}) == StatusCode::kSourceChanged);
  CHECK(opened({2, 5, core::FileVersion{10, version.modified - 1'000'000'000}}) == StatusCode::kOk);
  std::filesystem::remove(path);
  CHECK(opened({2, 5, version}) == StatusCode::kSourceChanged);
  CHECK(opened({2, 5}) == StatusCode::kFileNotFound);
}

TEST("of a file that has become shorter, as much is read as there is") {
  const test::TemporaryFolder folder;
  test::write(folder.path() / "file", "0123456789");
  FileReader reader;
  CHECK(reader.open((folder.path() / "file").u8string(), {2, 8}).ok());
  std::filesystem::resize_file(folder.path() / "file", 5);
  CHECK(reader.read_first(100).ok() && text_of(reader) == "234");
}

TEST("a reader holds one file at a time, and none after close") {
  const test::TemporaryFolder folder;
  test::write(folder.path() / "file", "0123456789");
  const std::string path = (folder.path() / "file").u8string();
  core::FileHandle first = core::kNoFile;
  FileReader reader;
  for (int i = 0; i < 10; ++i) {
    CHECK(reader.open(path, {}).ok());
    CHECK(reader.open(path, {}).ok());
    CHECK(!reader.open((folder.path() / "none").u8string(), {}).ok());
    CHECK(!reader.open(path, {100, 1}).ok());
    reader.close();
    core::RegularFile file;
    CHECK(file.open(path).ok());
    if (first == core::kNoFile) first = file.handle();
    CHECK(file.handle() == first);  // the system gives the lowest that is free
  }
}

TEST("a reader lets go of what was read before, when it is closed") {
  auto pool = std::make_shared<core::PagePool>();
  FileReader reader;
  reader.open(decode::ReadFile{core::PooledPages(pool, 100), 10});
  const std::weak_ptr<core::PagePool> of_reader = pool;
  pool.reset();
  CHECK(!of_reader.expired() && reader.size() == 10);
  reader.close();
  CHECK(of_reader.expired());
}

}  // namespace
