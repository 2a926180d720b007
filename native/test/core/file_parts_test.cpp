#include "core/file_parts.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "test/check.h"
#include "test/temporary_folder.h"

namespace {

using namespace pixtok;
using core::FilePart;
using core::StatusCode;

// A file of the ten digits for as long as this lives.
struct Digits {
  test::TemporaryFolder folder;
  std::filesystem::path path = folder.path() / "digits";
  Digits() { test::write(path, "0123456789"); }
};

std::string text(const std::vector<std::uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

TEST("parts of a file are read in any order, each into its place") {
  const Digits digits;
  std::vector<std::uint8_t> bytes(8, '-');
  std::uint64_t found = 0;
  const std::vector<FilePart> parts = {{7, bytes.data(), 3}, {0, bytes.data() + 4, 2}};
  CHECK(core::read_file_parts(digits.path.u8string(), 10, parts, found).ok());
  CHECK(found == 10);
  CHECK(text(bytes) == "789-01--");
}

TEST("of a file with another number of bytes nothing is read") {
  const Digits digits;
  std::vector<std::uint8_t> bytes(4, '-');
  for (const std::uint64_t expected : {9, 11}) {
    std::uint64_t found = 0;
    const std::vector<FilePart> parts = {{0, bytes.data(), 4}};
    CHECK(core::read_file_parts(digits.path.u8string(), expected, parts, found).ok());
    CHECK(found == 10);
    CHECK(text(bytes) == "----");
  }
}

TEST("what is not in a file any more is zeros") {
  const Digits digits;
  std::vector<std::uint8_t> bytes(6, '-');
  std::uint64_t found = 0;
  const std::vector<FilePart> parts = {{8, bytes.data(), 3}, {20, bytes.data() + 3, 3}};
  CHECK(core::read_file_parts(digits.path.u8string(), 10, parts, found).ok());
  CHECK(text(bytes) == std::string("89\0\0\0\0", 6));
}

TEST("parts of a file that is not there are refused") {
  const test::TemporaryFolder folder;
  std::uint64_t found = 0;
  const std::string path = (folder.path() / "none").u8string();
  CHECK(core::read_file_parts(path, 0, {}, found).code == StatusCode::kFileNotFound);
}

}  // namespace
