#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

namespace pixtok::bench {

// `--name value` pairs. Throws std::runtime_error where one of `names` is missing.
std::map<std::string, std::string> read_options(int count, char** arguments,
                                                std::initializer_list<const char*> names);

// The files whose paths are the lines of `list`. Throws std::runtime_error.
std::vector<std::vector<std::uint8_t>> read_files(const std::string& list);

}  // namespace pixtok::bench
