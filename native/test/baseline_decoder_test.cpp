// The decoder of our own against libjpeg-turbo: what it accepts, it decodes to the same planes.

#include "decode/jpeg/baseline_decoder.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "kernels/kernel_table.h"
#include "test/check.h"
#include "test/images.h"
#include "test/library_planes.h"

namespace {

using namespace pixtok;
using test::FileBytes;

std::shared_ptr<const decode::JpegLibrary> library() {
  std::string error;
  return decode::JpegLibrary::open(test::jpeg_library(), error);
}

struct Named {
  std::string name;
  FileBytes bytes;
};

std::vector<Named> files_of(const std::string& folder) {
  std::vector<Named> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    files.push_back({entry.path().u8string(), FileBytes(std::istreambuf_iterator<char>(file), {})});
  }
  return files;
}

TEST("the baseline decoder gives libjpeg-turbo's planes, or gives up") {
  const auto opened = library();
  if (opened == nullptr) return;
  int accepted = 0;
  for (const std::string folder : {"images", "broken"}) {
    for (const Named& file : files_of(test::data_folder() + "/" + folder)) {
      const core::Bytes bytes = test::view_of(file.bytes);
      for (const kernels::KernelTable* table : kernels::supported_tables()) {
        decode::BaselineDecoder decoder(table->idct);
        if (!decoder.open(bytes) || !decoder.decode()) continue;
        ++accepted;
        const auto expected = test::library_planes(*opened, bytes, decoder.pixels());
        if (!expected || *expected != test::visible_bytes(decoder.pixels())) {
          test::fail(__FILE__, __LINE__, file.name + ", " + table->name);
        }
      }
    }
  }
  CHECK(accepted > 0);
}

}  // namespace
