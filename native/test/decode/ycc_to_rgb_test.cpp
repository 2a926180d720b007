#include "decode/ycc_to_rgb.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <random>
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

// The range and the matrix of ITU-T H.273, in double. Floats are within a step of it, libyuv's
// integers within two.
double of_range(int code, int bits, bool full, bool chroma) {
  const int scale = 1 << (bits - 8);
  const double most = (1 << bits) - 1;
  if (chroma) return (code - 128 * scale) / (full ? most : 224.0 * scale);
  return (code - (full ? 0 : 16 * scale)) / (full ? most : 219.0 * scale);
}

int to_byte(double value) { return static_cast<int>(std::clamp(value, 0.0, 1.0) * 255 + 0.5); }

std::array<int, 3> by_definition(const decode::YccImage& image, int cr, int y, int cb) {
  const double light = of_range(y, image.bits, image.full_range, false);
  if (image.matrix == decode::YccMatrix::kIdentity) {
    return {to_byte(of_range(cr, image.bits, image.full_range, false)), to_byte(light),
            to_byte(of_range(cb, image.bits, image.full_range, false))};
  }
  const auto weights = [&]() -> std::array<double, 2> {
    switch (image.matrix) {
      case decode::YccMatrix::kBt709:
        return {0.2126, 0.0722};
      case decode::YccMatrix::kFcc:
        return {0.30, 0.11};
      case decode::YccMatrix::kSmpte240:
        return {0.212, 0.087};
      case decode::YccMatrix::kBt2020:
        return {0.2627, 0.0593};
      default:
        return {0.299, 0.114};
    }
  }();
  const auto [red_weight, blue_weight] = weights;
  const double red =
      light + 2 * (1 - red_weight) * of_range(cr, image.bits, image.full_range, true);
  const double blue =
      light + 2 * (1 - blue_weight) * of_range(cb, image.bits, image.full_range, true);
  const double green =
      (light - red_weight * red - blue_weight * blue) / (1 - red_weight - blue_weight);
  return {to_byte(red), to_byte(green), to_byte(blue)};
}

// Cr, Y and Cb of one depth, as samples of 8 or of 16 bits whose upper ones count.
template <typename Sample>
std::vector<Sample> stored(const std::vector<int>& codes, int bits) {
  std::vector<Sample> samples;
  for (const int code : codes) {
    samples.push_back(static_cast<Sample>(code << (8 * static_cast<int>(sizeof(Sample)) - bits)));
  }
  return samples;
}

std::vector<std::uint8_t> converted(decode::YccImage image, const std::vector<int>& codes) {
  std::vector<std::uint8_t> rgb(static_cast<std::size_t>(3 * image.width * image.height));
  const std::vector<std::uint8_t> bytes = stored<std::uint8_t>(codes, 8);
  const std::vector<std::uint16_t> words = stored<std::uint16_t>(codes, image.bits);
  image.samples = image.bits == 8 ? static_cast<const void*>(bytes.data()) : words.data();
  decode::ycc_to_rgb(image, rgb.data());
  return rgb;
}

TEST("every matrix, range and depth is that of its standard") {
  for (const int number : {0, 1, 2, 4, 5, 6, 7, 9}) {
    CHECK(decode::is_known_matrix(number));
    for (const int bits : {8, 10, 12}) {
      for (const bool full : {false, true}) {
        decode::YccImage image;
        image.bits = bits;
        image.matrix = static_cast<decode::YccMatrix>(number);
        image.full_range = full;
        image.width = 1;
        image.height = 1;
        const bool integers =
            number == 1 || number == 2 || number == 5 || number == 6 || number == 9;
        const int step = (1 << bits) / 16;
        for (int cr = 0; cr < 1 << bits; cr += step) {
          for (int y = step - 1; y < 1 << bits; y += step) {
            for (int cb = step / 2; cb < 1 << bits; cb += step) {
              const std::vector<std::uint8_t> rgb = converted(image, {cr, y, cb});
              // the integers see the upper 8 bits alone
              const int drop = integers ? bits - 8 : 0;
              decode::YccImage seen = image;
              seen.bits = bits - drop;
              const auto expected = by_definition(seen, cr >> drop, y >> drop, cb >> drop);
              for (std::size_t i = 0; i < 3; ++i) {
                // libyuv's gain of blue is 2 at the most, where these two have more
                const bool capped = i == 2 && !full && (number == 1 || number == 9);
                CHECK(std::abs(rgb[i] - expected[i]) <= (capped ? 19 : integers ? 2 : 1));
              }
            }
          }
        }
      }
    }
  }
  for (const int number : {3, 8, 10, 11, -1, 255}) CHECK(!decode::is_known_matrix(number));
}

// Coefficients of ITU-T H.273 in 64ths, that of blue 2 at the most; with light in 64ths, by the
// gains that libyuv names. It sees the upper 8 bits alone.
TEST("common matrices are converted in 64ths, as by libyuv") {
  struct Standard {
    decode::YccMatrix matrix;
    double red;
    double blue;
    double limited_gain;
  };
  const Standard standards[] = {{decode::YccMatrix::kBt601, 0.299, 0.114, 1.164},
                                {decode::YccMatrix::kBt709, 0.2126, 0.0722, 1.164},
                                {decode::YccMatrix::kBt2020, 0.2627, 0.0593, 1.164384}};
  const auto nearest = [](double value) { return static_cast<int>(std::lround(value)); };
  for (const Standard& standard : standards) {
    for (const bool full : {true, false}) {
      decode::YccImage image;
      image.matrix = standard.matrix;
      image.full_range = full;
      image.width = image.height = 1;
      const double green = 1 - standard.red - standard.blue;
      const double to_red = 64 * 2 * (1 - standard.red) * (full ? 1 : 255.0 / 224);
      const double to_blue = 64 * 2 * (1 - standard.blue) * (full ? 1 : 255.0 / 224);
      const int gain = full ? 64 * 255 : nearest(64 * standard.limited_gain * 65536 / 257);
      const int bias = full ? 32 : nearest(32 - 16 * 64 * standard.limited_gain);
      for (int code = 0; code < 256; code += 15) {
        const int cr = 255 - code;
        const int cb = (7 * code) % 256;
        const int light = ((code * 257 * gain) >> 16) + bias;
        const int expected[] = {light + nearest(to_red) * (cr - 128),
                                light - nearest(to_blue * standard.blue / green) * (cb - 128) -
                                    nearest(to_red * standard.red / green) * (cr - 128),
                                light + std::min(nearest(to_blue), 128) * (cb - 128)};
        const std::vector<std::uint8_t> rgb = converted(image, {cr, code, cb});
        for (std::size_t i = 0; i < 3; ++i) CHECK(rgb[i] == std::clamp(expected[i] >> 6, 0, 255));
      }
    }
  }
}

// Samples of half the resolution lie in the middle of the two that they stand for: three parts of
// the nearer one and one of the farther, at the sides the nearer one alone.
TEST("chroma of half the resolution is interpolated linearly between its samples") {
  std::mt19937_64 random(test::seed());
  for (int i = 0; i < test::random_cases(); ++i) {
    decode::YccImage image;
    image.matrix = decode::YccMatrix::kIdentity;  // chroma is seen as it is
    image.half_width = i % 4 != 0;
    image.half_height = i % 4 != 1;
    image.width = 2 * (1 + static_cast<int>(random() % 6));
    image.height = 2 * (1 + static_cast<int>(random() % 6));
    const int columns = image.half_width ? image.width / 2 : image.width;
    const int rows = image.half_height ? image.height / 2 : image.height;
    std::vector<int> chroma(static_cast<std::size_t>(columns * rows));
    for (int& sample : chroma) sample = static_cast<int>(random() % 256);
    const auto at = [&](int x, int y) {
      x = std::clamp(x, 0, columns - 1);
      y = std::clamp(y, 0, rows - 1);
      return chroma[static_cast<std::size_t>(y * columns + x)];
    };
    std::vector<int> codes;
    for (int y = 0; y < image.height; ++y) {
      for (int x = 0; x < image.width; ++x) {
        const int sample = at(image.half_width ? x / 2 : x, image.half_height ? y / 2 : y);
        codes.insert(codes.end(), {sample, 90, sample});
      }
    }
    const std::vector<std::uint8_t> rgb = converted(image, codes);
    std::vector<int> between;
    for (int y = 0; y < image.height; ++y) {
      for (int x = 0; x < image.width; ++x) {
        const int near_x = image.half_width ? x / 2 : x;
        const int near_y = image.half_height ? y / 2 : y;
        const int far_x = image.half_width ? near_x + (x % 2 == 0 ? -1 : 1) : near_x;
        const int far_y = image.half_height ? near_y + (y % 2 == 0 ? -1 : 1) : near_y;
        const double row = (3 * at(near_x, near_y) + at(far_x, near_y)) * 3 +
                           (3 * at(near_x, far_y) + at(far_x, far_y));
        const auto pixel = static_cast<std::size_t>(3 * (y * image.width + x));
        const int expected = static_cast<int>(row / 16 + 0.5);
        CHECK(rgb[pixel] == expected && rgb[pixel + 2] == expected && rgb[pixel + 1] == 90);
        between.insert(between.end(), {expected, 90, expected});
      }
    }
    // libyuv's integers see it rounded
    image.matrix = decode::YccMatrix::kBt601;
    decode::YccImage whole = image;
    whole.half_width = whole.half_height = false;
    CHECK(converted(image, codes) == converted(whole, between));
  }
}

TEST("grey is stretched from its range, whatever its depth") {
  for (const int bits : {8, 10, 12}) {
    for (const bool full : {false, true}) {
      decode::YccImage image;
      image.bits = bits;
      image.full_range = full;
      image.grey = true;
      image.width = 1;
      image.height = 1;
      for (int y = 0; y < 1 << bits; ++y) {
        const std::vector<std::uint8_t> rgb = converted(image, {0, y, 0});
        const int expected = to_byte(of_range(y, bits, full, false));
        CHECK(rgb[0] == rgb[1] && rgb[1] == rgb[2]);
        CHECK(rgb[0] == expected);
      }
    }
  }
}

}  // namespace
