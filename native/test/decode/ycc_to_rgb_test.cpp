#include "decode/ycc_to_rgb.h"

#include <cstdint>
#include <vector>

#include "test/check.h"

namespace {

using namespace pixtok;

decode::YccImage grey_of(const std::vector<std::uint8_t>& samples, int channels) {
  decode::YccImage image;
  image.samples = samples.data();
  image.channels = channels;
  image.width = static_cast<int>(samples.size()) / channels;
  image.height = 1;
  image.grey = true;
  return image;
}

TEST("grey of the full range is as it was") {
  std::vector<std::uint8_t> samples;
  for (int value = 0; value < 256; ++value) {
    samples.insert(samples.end(), 3, static_cast<std::uint8_t>(value));
  }
  std::vector<std::uint8_t> rgb(samples.size());
  decode::ycc_to_rgb(grey_of(samples, 3), rgb.data());
  CHECK(rgb == samples);
}

TEST("colours are divided by their alpha and rounded") {
  for (int alpha = 0; alpha < 256; ++alpha) {
    for (int value = 0; value <= alpha; ++value) {
      const auto grey = static_cast<std::uint8_t>(value);
      const std::vector<std::uint8_t> samples = {grey, grey, grey,
                                                 static_cast<std::uint8_t>(alpha)};
      std::uint8_t rgb[3];
      decode::ycc_to_rgb(grey_of(samples, 4), rgb);
      const int expected = alpha == 0 ? 0 : (2 * 255 * value + alpha) / (2 * alpha);
      CHECK(rgb[0] == expected && rgb[1] == expected && rgb[2] == expected);
    }
  }
}

TEST("images of every size, depth and layout are converted within their memory") {
  for (const int bits : {8, 10, 12}) {
    for (int shape = 0; shape < 64; ++shape) {
      decode::YccImage image;
      image.bits = bits;
      image.channels = shape % 2 == 0 ? 3 : 4;
      image.half_width = (shape & 2) != 0;
      image.half_height = (shape & 4) != 0;
      image.full_range = (shape & 8) != 0;
      image.width = 1 + shape % 5;
      image.height = 1 + shape % 3;
      image.matrix = (shape & 16) != 0 ? decode::YccMatrix::kBt709 : decode::YccMatrix::kFcc;
      const std::size_t bytes = static_cast<std::size_t>(image.width * image.height) *
                                static_cast<std::size_t>(image.channels * (bits == 8 ? 1 : 2));
      const std::vector<std::uint16_t> samples((bytes + 1) / 2, 0x8080);
      image.samples = samples.data();
      std::vector<std::uint8_t> rgb(static_cast<std::size_t>(3 * image.width * image.height));
      decode::ycc_to_rgb(image, rgb.data());
    }
  }
}

}  // namespace
