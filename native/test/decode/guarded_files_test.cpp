// What is read of files in memory ends where they end.

#include <random>
#include <string>
#include <vector>

#include "decode/exif.h"
#include "decode/file_signature.h"
#include "decode/jpeg/baseline_decoder.h"
#include "decode/jpeg/jpeg_header.h"
#include "decode/jpeg/jpeg_verdict.h"
#include "kernels/kernel_table.h"
#include "test/check.h"
#include "test/guarded_bytes.h"
#include "test/images.h"

namespace {

using namespace pixtok;

void read_all(const test::GuardedBytes& file, decode::BaselineDecoder& decoder) {
  const core::Bytes bytes{file.data(), file.size()};
  (void)decode::is_jpeg(file.data(), file.size());
  decode::JpegHeader header;
  if (decode::read_jpeg_header(bytes, header).ok()) {
    (void)header.orientation();
    (void)decode::jpeg_verdict(bytes);
  }
  if (decoder.open(bytes)) (void)decoder.decode();
  (void)decode::exif_orientation(bytes, bytes);
}

TEST("nothing is read behind a file that is whole or cut, wherever it is cut") {
  decode::BaselineDecoder decoder(kernels::chosen().idct);
  for (const char* name :
       {"images/jpeg-17x33.jpg", "images/jpeg-orientation-6.jpg", "images/jpeg-restarts.jpg",
        "images/jpeg-progressive.jpg", "baseline/grey-9x7.jpg", "baseline/440-7x9.jpg"}) {
    const test::FileBytes whole = test::read_image(name);
    for (std::size_t size = 0; size < whole.size(); size += size < 700 ? 1 : 1 + size / 40) {
      read_all(test::GuardedBytes(whole.data(), size), decoder);
    }
    read_all(test::GuardedBytes(whole), decoder);
  }
}

TEST("nothing is read behind a damaged file") {
  std::mt19937_64 random(test::seed());
  decode::BaselineDecoder decoder(kernels::chosen().idct);
  for (const char* name : {"baseline/420-17x15.jpg", "baseline/444-9x7.jpg",
                           "images/jpeg-progressive.jpg", "images/jpeg-restarts.jpg"}) {
    const test::FileBytes whole = test::read_image(name);
    if (whole.size() < 4) return;
    for (int i = 0; i < test::random_cases() / 2; ++i) {
      test::FileBytes damaged = whole;
      for (int changes = 0; changes < 1 + i % 3; ++changes) {
        damaged[2 + random() % (damaged.size() - 2)] = static_cast<std::uint8_t>(random());
      }
      if (i % 2 == 0) damaged.resize(damaged.size() - random() % (damaged.size() / 2));
      read_all(test::GuardedBytes(damaged), decoder);
    }
  }
}

}  // namespace
