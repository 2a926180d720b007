#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

// What the Python stack made of the tests' data: goldens/*.jsonl (test/goldens says what is in
// them).
namespace pixtok::test {

// An object of JSON by the paths to its values, "options.resize.width" or "drawn.0". Strings
// without escapes; numbers, true, false and null as they are written.
class GoldenLine {
 public:
  explicit GoldenLine(const std::string& json);

  // Also where there are values below it.
  bool has(const std::string& path) const;
  // Empty where there is none.
  std::string text(const std::string& path) const;
  double number(const std::string& path, double otherwise = 0) const;
  int integer(const std::string& path, int otherwise = 0) const {
    return static_cast<int>(number(path, otherwise));
  }
  bool flag(const std::string& path) const { return text(path) == "true"; }

  const std::string& json() const { return json_; }

 private:
  void read_value(const std::string& path);
  std::string read_word();
  bool skip(char expected);

  std::string json_;
  std::size_t at_ = 0;
  std::map<std::string, std::string> values_;
};

std::vector<GoldenLine> golden_lines(const std::string& name);

// Of any file of the tests' data.
std::vector<GoldenLine> data_lines(const std::string& path);

// SHA-256 in hex (FIPS 180-4).
std::string sha256(const void* data, std::size_t size);

}  // namespace pixtok::test
