// The decoder of our own against libjpeg-turbo: what it accepts, it decodes to the same planes.

#include "decode/jpeg/baseline_decoder.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <utility>
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
  for (const auto& entry :
       std::filesystem::directory_iterator(test::data_folder() + "/" + folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    files.push_back({entry.path().u8string(), FileBytes(std::istreambuf_iterator<char>(file), {})});
  }
  CHECK(!files.empty());
  return files;
}

bool equals_library(const decode::BaselineDecoder& decoder, const decode::JpegLibrary& library,
                    core::Bytes file) {
  const auto expected = test::library_planes(library, file, decoder.pixels());
  return expected && *expected == test::visible_bytes(decoder.pixels());
}

TEST("the baseline decoder gives libjpeg-turbo's planes, or gives up") {
  const auto opened = library();
  if (opened == nullptr) return;
  for (const char* folder : {"images", "oriented", "broken"}) {
    for (const Named& file : files_of(folder)) {
      const core::Bytes bytes = test::view_of(file.bytes);
      for (const kernels::KernelTable* table : kernels::supported_tables()) {
        decode::BaselineDecoder decoder(table->idct);
        if (!decoder.open(bytes) || !decoder.decode()) continue;
        if (!equals_library(decoder, *opened, bytes)) {
          test::fail(__FILE__, __LINE__, file.name + ", " + table->name);
        }
      }
    }
  }
}

TEST("the baseline decoder gives up no file of its kinds") {
  const auto opened = library();
  for (const kernels::KernelTable* table : kernels::supported_tables()) {
    decode::BaselineDecoder decoder(table->idct);
    for (const Named& file : files_of("baseline")) {
      const core::Bytes bytes = test::view_of(file.bytes);
      const bool decodes = decoder.open(bytes) && decoder.decode();
      if (!decodes || (opened != nullptr && !equals_library(decoder, *opened, bytes))) {
        test::fail(__FILE__, __LINE__, file.name + ", " + table->name);
      }
    }
  }
}

TEST("the baseline decoder gives up files of other kinds, and odd ones") {
  decode::BaselineDecoder decoder(kernels::chosen().idct);
  for (const Named& file : files_of("baseline-odd")) {
    if (decoder.open(test::view_of(file.bytes)) && decoder.decode()) {
      test::fail(__FILE__, __LINE__, file.name);
    }
  }
}

TEST("a file is decoded to the same after any other") {
  std::mt19937_64 random(test::seed());
  std::vector<Named> files = files_of("baseline");
  const std::size_t whole = files.size();
  for (Named& file : files_of("baseline-odd")) files.push_back(std::move(file));
  decode::BaselineDecoder used(kernels::chosen().idct);
  for (int i = 0; i < test::random_cases(); ++i) {
    if (used.open(test::view_of(files[random() % files.size()].bytes))) (void)used.decode();
    const Named& file = files[random() % whole];
    decode::BaselineDecoder fresh(kernels::chosen().idct);
    CHECK(used.open(test::view_of(file.bytes)) && used.decode());
    CHECK(fresh.open(test::view_of(file.bytes)) && fresh.decode());
    if (test::visible_bytes(used.pixels()) != test::visible_bytes(fresh.pixels())) {
      test::fail(__FILE__, __LINE__, file.name);
    }
  }
}

// Rows are decoded in parts: the file that is given up is left within one.
TEST("a wide file is decoded to the same after one that was given up wherever it was cut") {
  const FileBytes whole = test::read_image("images/jpeg-301x17.jpg");
  decode::BaselineDecoder fresh(kernels::chosen().idct);
  CHECK(fresh.open(test::view_of(whole)) && fresh.decode());
  const auto expected = test::visible_bytes(fresh.pixels());
  decode::BaselineDecoder used(kernels::chosen().idct);
  for (std::size_t size = whole.size() / 4; size < whole.size(); size += 1 + whole.size() / 50) {
    FileBytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    cut.insert(cut.end(), {0xFF, 0xD9});
    if (used.open(test::view_of(cut))) CHECK(!used.decode());
    CHECK(used.open(test::view_of(whole)) && used.decode());
    CHECK(test::visible_bytes(used.pixels()) == expected);
  }
}

}  // namespace
