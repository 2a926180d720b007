#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/bytes.h"

// Image files of the tests' data.
namespace pixtok::test {

using FileBytes = std::vector<std::uint8_t>;

inline core::Bytes view_of(const FileBytes& file) { return {file.data(), file.size()}; }

// Of a path below data_folder(). Empty, and noted as a failure, where there is no such file.
FileBytes read_image(const std::string& path);

// What Pillow made of the damaged files: goldens/broken.jsonl.
struct DamagedJpeg {
  std::string name;
  bool opens;
  FileBytes file;
};
std::vector<DamagedJpeg> damaged_jpegs();

// Of damaged/images.jsonl, or of another file there, those whose names begin so, and that are there
// as they are.
struct DamagedImage {
  std::string name;
  bool opens;
  FileBytes file;
  // The line of the file: what Pillow makes of the image.
  std::string line;
};
std::vector<DamagedImage> damaged_images(const std::string& format,
                                         const std::string& collection = "images");

}  // namespace pixtok::test
