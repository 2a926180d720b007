// What files of each format begin with, by its specification.

#include "decode/file_signature.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "test/check.h"

namespace {

using namespace pixtok;

TEST("a file is of a format by its first bytes, each of them, and by no more") {
  struct Case {
    bool (*is_one)(const std::uint8_t* file, std::size_t size);
    std::string signature;  // a byte of ? may be any
  };
  const std::string png("\x89PNG\r\n\x1A\n");
  for (const Case& one : {Case{decode::is_jpeg, "\xFF\xD8\xFF"}, Case{decode::is_gif, "GIF87a"},
                          Case{decode::is_gif, "GIF89a"}, Case{decode::is_png, png},
                          Case{decode::is_webp, "RIFF????WEBP"}, Case{decode::is_bmp, "BM"},
                          Case{decode::is_qoi, "qoif"}}) {
    const std::vector<std::uint8_t> file(one.signature.begin(), one.signature.end());
    for (std::size_t size = 0; size <= file.size(); ++size) {
      CHECK(one.is_one(file.data(), size) == (size == file.size()));
    }
    for (std::size_t i = 0; i < file.size(); ++i) {
      std::vector<std::uint8_t> other = file;
      other[i] = 0;
      CHECK(one.is_one(other.data(), other.size()) == (one.signature[i] == '?'));
    }
  }
}

}  // namespace
