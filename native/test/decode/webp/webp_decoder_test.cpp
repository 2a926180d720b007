// WebP files: which open in Pillow, and that nothing of one image is in another's. Their pixels are
// compared with Pillow's in goldens_test.cpp.

#include "decode/webp/webp_decoder.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "decode/webp/webp_file.h"
#include "decode/webp/webp_library.h"
#include "test/check.h"
#include "test/decode/decoded_image.h"
#include "test/guarded_bytes.h"
#include "test/images.h"

namespace {

using namespace pixtok;
using core::Status;
using core::StatusCode;
using test::decoded;
using test::DecodedImage;
using test::FileBytes;

constexpr const char* kImages[] = {"lossy", "lossless",      "lossy-alpha", "lossless-alpha",
                                   "icc",   "orientation-6", "animated"};

FileBytes image(const std::string& name) {
  return test::read_image("images/webp-" + name + ".webp");
}

// Null where there is no libwebp.
std::shared_ptr<const decode::WebpLibrary> libwebp() {
  std::string error;
  return decode::WebpLibrary::open(test::webp_library(), error);
}

bool is_refusal(const Status& status) {
  return status.code == StatusCode::kCorruptImage || status.code == StatusCode::kTruncatedImage;
}

TEST("the container of every WebP file that Pillow opens is read, and nothing behind its end") {
  for (const char* collection : {"images", "odd-webps"}) {
    for (const test::DamagedImage& damaged : test::damaged_images("webp", collection)) {
      const test::GuardedBytes guarded(damaged.file);
      if (guarded.size() < 12) continue;
      decode::WebpFile webp;
      const Status status = decode::read_webp_file({guarded.data(), guarded.size()}, webp);
      if (damaged.opens ? !status.ok() : !status.ok() && !is_refusal(status)) {
        test::fail(__FILE__, __LINE__, damaged.name);
      }
    }
  }
}

TEST("a WebP file is decoded where Pillow opens it, and refused where Pillow does not") {
  const auto library = libwebp();
  if (library == nullptr) return;
  decode::WebpDecoder decoder(library);
  for (const char* collection : {"images", "odd-webps"}) {
    for (const test::DamagedImage& damaged : test::damaged_images("webp", collection)) {
      const test::GuardedBytes guarded(damaged.file);
      const core::Bytes file{guarded.data(), guarded.size()};
      if (!decoder.reads(file)) continue;
      const Status status = decoded(decoder, file).status;
      if (damaged.opens ? !status.ok() : !is_refusal(status)) {
        test::fail(__FILE__, __LINE__, damaged.name);
      }
    }
  }
}

TEST("a WebP image shows nothing of the one before it") {
  const auto library = libwebp();
  if (library == nullptr) return;
  const FileBytes large = image("lossless-alpha");
  decode::WebpDecoder used(library);
  int smaller = 0;
  for (const test::DamagedImage& odd : test::damaged_images("webp: small", "odd-webps")) {
    if (!odd.opens) continue;
    decode::WebpDecoder fresh(library);
    CHECK(decoded(used, test::view_of(large)).status.ok());
    const DecodedImage after = decoded(used, test::view_of(odd.file));
    CHECK(after.pixels == decoded(fresh, test::view_of(odd.file)).pixels);
    CHECK(after.pixels.front() == 0 || after.pixels.back() == 0);  // a frame on a larger canvas
    ++smaller;
  }
  CHECK(smaller > 10);
}

TEST("damaged WebP files are decoded alike again, and nothing behind them is read") {
  const auto library = libwebp();
  if (library == nullptr) return;
  std::mt19937_64 random(test::seed());
  decode::WebpDecoder one(library);
  decode::WebpDecoder other(library);
  for (const char* name : kImages) {
    const FileBytes whole = image(name);
    if (whole.empty()) return;
    CHECK(decoded(one, test::view_of(whole)).status.ok());
    for (int i = 0; i < test::random_cases() / 16; ++i) {
      const test::GuardedBytes guarded(test::damaged_file(whole, 12, i, random));
      const core::Bytes file{guarded.data(), guarded.size()};
      const DecodedImage first = decoded(one, file);
      const DecodedImage second = decoded(other, file);
      CHECK(first.status.code == second.status.code && first.pixels == second.pixels);
      // A bit of its size may be changed, to a side that no image has.
      CHECK(first.status.ok() || is_refusal(first.status) ||
            first.status.code == StatusCode::kUnsupportedFormat);
    }
  }
}

TEST("of a WebP file as much is read as it declares, and a huge one is declined") {
  const auto library = libwebp();
  if (library == nullptr) return;
  decode::WebpDecoder decoder(library);
  FileBytes file = image("lossy");
  CHECK(decoder.most_bytes(test::view_of(file), 1) == file.size());
  file.resize(file.size() + 100);
  CHECK(decoder.most_bytes(test::view_of(file), 1) == file.size() - 100);
  CHECK(decoded(decoder, test::view_of(file)).status.ok());
  file[7] = 0x10;  // 256 MiB
  CHECK(decoder.most_bytes(test::view_of(file), INT64_MAX) < 100);
  CHECK(decoded(decoder, test::view_of(file)).status.code == StatusCode::kDeclined);
  file[7] = 0x0F;
  CHECK(decoded(decoder, test::view_of(file)).status.code == StatusCode::kTruncatedImage);
}

}  // namespace
