#include "test/images.h"

#include <cstddef>
#include <fstream>
#include <iterator>

#include "test/check.h"

namespace pixtok::test {

FileBytes read_image(const std::string& path) {
  std::ifstream file(data_folder() + "/" + path, std::ios::binary);
  CHECK(file.good());
  return FileBytes(std::istreambuf_iterator<char>(file), {});
}

std::vector<DamagedJpeg> damaged_jpegs() {
  const std::string start = "{\"image\": \"";
  std::ifstream lines(data_folder() + "/goldens/broken.jsonl");
  CHECK(lines.good());
  std::vector<DamagedJpeg> damaged;
  for (std::string line; std::getline(lines, line);) {
    CHECK(line.rfind(start, 0) == 0);
    const std::string name = line.substr(start.size(), line.find('"', start.size()) - start.size());
    const FileBytes file = read_image("broken/" + name);
    const bool is_jpeg = file.size() > 2 && file[0] == 0xFF && file[1] == 0xD8;
    const bool opens = line.find("\"opens\": true") != std::string::npos;
    if (is_jpeg) damaged.push_back({name, opens, file});
  }
  return damaged;
}

std::vector<DamagedImage> damaged_images(const std::string& format, const std::string& collection) {
  const std::string path = "damaged/" + collection;
  const FileBytes all = read_image(path + ".bin");
  const std::string start = "{\"name\": \"";
  std::ifstream lines(data_folder() + "/" + path + ".jsonl");
  CHECK(lines.good());
  std::vector<DamagedImage> damaged;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(start + format, 0) != 0 || line.find("\"filler\"") != std::string::npos)
      continue;
    const auto number = [&line](const std::string& key) {
      return std::stoul(line.substr(line.find("\"" + key + "\": ") + key.size() + 4));
    };
    const std::string name = line.substr(start.size(), line.find('"', start.size()) - start.size());
    const bool opens = line.find("\"opens\": true") != std::string::npos;
    const auto from = all.begin() + static_cast<std::ptrdiff_t>(number("at"));
    const auto bytes = static_cast<std::ptrdiff_t>(number("bytes"));
    damaged.push_back({name, opens, FileBytes(from, from + bytes), line});
  }
  CHECK(!damaged.empty());
  return damaged;
}

}  // namespace pixtok::test
