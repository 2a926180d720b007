// GIF files, and what Pillow says of them.

#include "decode/gif/gif_decoder.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "kernels/kernel_table.h"
#include "test/check.h"
#include "test/decode/gif/plain_gif.h"
#include "test/images.h"
#include "transform/image_worker.h"
#include "transform/normalizer.h"

namespace {

using namespace pixtok;
using core::Status;
using core::StatusCode;
using test::FileBytes;

constexpr const char* kImages[] = {"still",        "interlaced",         "grey",
                                   "transparency", "animated",           "animated-transparency",
                                   "canvas",       "canvas-transparency"};

FileBytes image(const std::string& name) { return test::read_image("images/gif-" + name + ".gif"); }

struct Decoded {
  Status status;
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> indices;
  core::Palette palette{};
};

Decoded decoded(const FileBytes& file) {
  static decode::GifDecoder decoder;  // used again and again, as a thread's is
  Decoded result;
  decode::ImageSize size;
  result.status = decoder.reads(test::view_of(file)) ? decoder.open(test::view_of(file), size)
                                                     : Status::failure(StatusCode::kDeclined, "");
  if (!result.status.ok()) return result;
  core::PixelView pixels;
  result.status = decoder.decode(1, pixels);
  if (!result.status.ok()) return result;
  CHECK(pixels.format == core::PixelFormat::kIndexed);
  CHECK(pixels.width == size.width && pixels.height == size.height);
  result.width = pixels.width;
  result.height = pixels.height;
  const std::size_t count =
      static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height);
  result.indices.assign(pixels.data, pixels.data + count);
  result.palette = *pixels.palette;
  return result;
}

// A GIF file of two colours and a canvas of 4 x 3, whose frame of 2 x 1 lies at 1, 1.
FileBytes tiny(const std::vector<std::uint8_t>& extension, const std::vector<std::uint8_t>& data) {
  const FileBytes screen = {'G',  'I', 'F', '8', '9', 'a', 4,  0,  3, 0,
                            0x80, 0,   0,   10,  20,  30,  40, 50, 60};
  const FileBytes frame = {0x2C, 1, 0, 1, 0, 2, 0, 1, 0, 0};
  FileBytes file;
  for (const FileBytes* part : {&screen, &extension, &frame, &data}) {
    std::copy(part->begin(), part->end(), std::back_inserter(file));
  }
  return file;
}

// Codes of three bits: clear, 1, 1, end.
const std::vector<std::uint8_t> kTwoOnes = {2, 2, 0x4C, 0x0A, 0};

std::vector<std::uint8_t> prepared(const FileBytes& file, bool white_ground) {
  transform::Plan plan;
  plan.geometry.resize = transform::ResizeMode::kNone;
  plan.geometry.width = plan.geometry.output_width = 4;
  plan.geometry.height = plan.geometry.output_height = 3;
  plan.type = kernels::ElementType::kUint8;
  plan.layout = kernels::Layout::kHwc;
  plan.white_ground = white_ground;
  plan.normalizer = transform::build_normalizer({}, kernels::chosen());
  transform::ImageWorker worker(kernels::chosen(), std::nullopt);
  transform::Sample sample{transform::EncodedSample{file.data(), file.size(), nullptr}, {}};
  std::vector<std::uint8_t> row(plan.slot_bytes());
  CHECK(worker.prepare(sample, plan, row.data()).ok());
  return row;
}

TEST("a GIF file opens where it opens in Pillow") {
  for (const test::DamagedImage& damaged : test::damaged_images("gif")) {
    if (decoded(damaged.file).status.ok() != damaged.opens) {
      test::fail(__FILE__, __LINE__, damaged.name);
    }
  }
}

TEST("a GIF image is the same whatever the order of its rows, and what follows") {
  const Decoded still = decoded(image("still"));
  CHECK(still.status.ok() && still.width == 71 && still.height == 47);
  for (const char* name : {"interlaced", "animated"}) {
    const Decoded other = decoded(image(name));
    CHECK(other.indices == still.indices && other.palette == still.palette);
  }
}

TEST("what the frame of a GIF image does not cover is its first colour, or the transparent one") {
  const Decoded plain = decoded(tiny({}, kTwoOnes));
  CHECK(plain.status.ok() && plain.width == 4 && plain.height == 3);
  CHECK((plain.indices == FileBytes{0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0}));
  CHECK((plain.palette[1] == std::array<std::uint8_t, 4>{40, 50, 60, 255}));
  const Decoded transparent = decoded(tiny({0x21, 0xF9, 4, 1, 0, 0, 3, 0}, kTwoOnes));
  CHECK((transparent.indices == FileBytes{3, 3, 3, 3, 3, 1, 1, 3, 3, 3, 3, 3}));
  CHECK(transparent.palette[3][3] == 0 && transparent.palette[1][3] == 255);
}

TEST("a GIF image loses its alpha, or is put on white") {
  const FileBytes file = tiny({0x21, 0xF9, 4, 1, 0, 0, 0, 0}, kTwoOnes);
  const auto dropped = prepared(file, false);
  CHECK((FileBytes(dropped.begin(), dropped.begin() + 3) == FileBytes{10, 20, 30}));
  const auto white = prepared(file, true);
  CHECK((FileBytes(white.begin(), white.begin() + 3) == FileBytes{255, 255, 255}));
  CHECK((FileBytes(white.begin() + 15, white.begin() + 18) == FileBytes{40, 50, 60}));
}

TEST("the codes of a GIF image end when they say so, or are too large, only where Pillow ends") {
  // end first, and then what is wanted: Pillow has read all of the file, and looks for more
  CHECK(decoded(tiny({}, {2, 1, 0x05, 2, 0x4C, 0x0A, 0})).status.code ==
        StatusCode::kTruncatedImage);
  CHECK(decoded(tiny({}, {13, 2, 0x4C, 0x0A, 0})).status.code == StatusCode::kCorruptImage);
  // a sub-block without contents between those that have some
  CHECK(decoded(tiny({}, {2, 1, 0x4C, 0, 1, 0x0A, 0})).status.ok());
}

// A row of so many pixels, by codes of 13 bits.
FileBytes with_long_codes(std::uint8_t width, const std::vector<unsigned>& codes) {
  FileBytes file = {'G', 'I', 'F', '8', '9', 'a', width, 0, 1, 0, 0, 0, 0};
  file.insert(file.end(), {0x2C, 0, 0, 0, 0, width, 0, 1, 0, 0, 12});
  FileBytes data((13 * codes.size() + 7) / 8);
  for (std::size_t i = 0; i < 13 * codes.size(); ++i) {
    const unsigned bit = codes[i / 13] >> i % 13 & 1;
    data[i / 8] = static_cast<std::uint8_t>(data[i / 8] | bit << i % 8);
  }
  file.push_back(static_cast<std::uint8_t>(data.size()));
  file.insert(file.end(), data.begin(), data.end());
  file.insert(file.end(), {0, 0x3B});
  return file;
}

// The verdicts of Pillow 13, whose table has no room for a name behind codes of 12 bits.
TEST("the string that a code of 13 bits names is not named again") {
  const Decoded once = decoded(with_long_codes(4, {7, 4098, 8}));
  CHECK(once.status.ok() && once.indices == FileBytes({7, 7, 7, 8}));
  CHECK(decoded(with_long_codes(5, {7, 4098, 4098})).status.code == StatusCode::kCorruptImage);
  CHECK(decoded(with_long_codes(6, {4096, 7, 4098, 4098, 5})).status.code ==
        StatusCode::kCorruptImage);
}

TEST("a GIF image of too many pixels is refused before it is decoded") {
  FileBytes file = tiny({}, kTwoOnes);
  for (std::size_t i = 6; i < 10; ++i) file[i] = 0xFF;  // 65535 x 65535
  transform::Plan plan;
  plan.geometry.width = plan.geometry.output_width = 4;
  plan.geometry.height = plan.geometry.output_height = 3;
  transform::ImageWorker worker(kernels::chosen(), std::nullopt);
  transform::Sample sample{transform::EncodedSample{file.data(), file.size(), nullptr}, {}};
  std::vector<float> row(plan.slot_bytes() / sizeof(float));
  const Status status = worker.prepare(sample, plan, reinterpret_cast<std::uint8_t*>(row.data()));
  CHECK(status.code == StatusCode::kTooManyPixels);
}

TEST("of a large GIF image more of its file is read") {
  FileBytes file = tiny({}, kTwoOnes);
  const decode::GifDecoder decoder;
  constexpr std::uint64_t kLeast = std::uint64_t{64} << 20;
  CHECK(decoder.most_bytes(test::view_of(file), 12) == kLeast);
  for (std::size_t i = 6; i < 10; ++i) file[i] = 0x7F;  // 32639 x 32639
  const std::uint64_t pixels = std::uint64_t{32639} * 32639;
  CHECK(decoder.most_bytes(test::view_of(file), static_cast<std::int64_t>(pixels)) == 16 * pixels);
  CHECK(decoder.most_bytes(test::view_of(file), static_cast<std::int64_t>(pixels) - 1) == kLeast);
  CHECK(decoder.most_bytes({file.data(), 6}, INT64_MAX) == kLeast);
}

TEST("damaged GIF images are unpacked to what the plainest of decoders gives") {
  std::mt19937_64 random(test::seed());
  decode::GifStrings strings;
  for (const char* name : kImages) {
    const FileBytes whole = image(name);
    if (whole.empty()) return;
    for (int i = 0; i < test::random_cases() / 8; ++i) {
      FileBytes damaged = whole;
      const std::size_t first = i % 3 == 0 ? 6 : std::min<std::size_t>(800, damaged.size() / 2);
      for (int changes = 0; changes < 1 + i % 3; ++changes) {
        const std::size_t at = first + random() % (damaged.size() - first);
        damaged[at] = i % 2 == 0 ? static_cast<std::uint8_t>(random())
                                 : static_cast<std::uint8_t>(damaged[at] ^ 1U << random() % 8);
      }
      if (i % 5 == 0) damaged.resize(first + random() % (damaged.size() - first));
      decode::GifFrame frame;
      if (!decode::read_gif_frame(test::view_of(damaged), frame).ok()) continue;
      if (std::int64_t{frame.frame_width} * frame.frame_height > 1 << 16) continue;
      const auto count = static_cast<std::size_t>(frame.frame_width * frame.frame_height);
      std::vector<std::uint8_t> indices(count + decode::GifStrings::kOverhang);
      const bool opens = strings.unpack(test::view_of(damaged), frame, indices.data()).ok();
      const auto expected = test::plain_gif_indices(test::view_of(damaged), frame);
      indices.resize(count);
      CHECK(opens == expected.has_value());
      if (opens && expected) CHECK(indices == *expected);
      (void)decoded(damaged);
    }
  }
}

}  // namespace
