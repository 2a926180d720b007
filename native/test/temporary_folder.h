#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "test/check.h"

namespace pixtok::test {

// A new folder for as long as this lives.
class TemporaryFolder {
 public:
  TemporaryFolder()
      : path_(std::filesystem::temp_directory_path() / ("pixtok_test_" + std::to_string(seed()))) {
    const std::string name = path_.u8string();
    for (int i = 2; !std::filesystem::create_directory(path_); ++i) {
      path_ = std::filesystem::u8path(name + "_" + std::to_string(i));
    }
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline void write(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  CHECK(file.good());
}

}  // namespace pixtok::test
