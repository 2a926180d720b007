#include "bench/benchmark_input.h"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace pixtok::bench {

std::map<std::string, std::string> read_options(int count, char** arguments,
                                                std::initializer_list<const char*> names) {
  std::map<std::string, std::string> options;
  for (int i = 1; i + 1 < count; i += 2) options[arguments[i]] = arguments[i + 1];
  for (const char* name : names) {
    if (options.count(name) == 0) throw std::runtime_error(std::string(name) + " is missing");
  }
  return options;
}

std::vector<std::vector<std::uint8_t>> read_files(const std::string& list) {
  std::vector<std::vector<std::uint8_t>> files;
  std::ifstream lines(list);
  for (std::string path; std::getline(lines, path);) {
    if (path.empty()) continue;
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path);
    files.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  if (files.empty()) throw std::runtime_error("no files in " + list);
  return files;
}

}  // namespace pixtok::bench
