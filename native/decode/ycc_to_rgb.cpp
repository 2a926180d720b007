#include "decode/ycc_to_rgb.h"

#include <algorithm>
#include <array>
#include <vector>

namespace pixtok::decode {

namespace {

constexpr int kCr = 0;
constexpr int kY = 1;
constexpr int kCb = 2;
constexpr int kAlpha = 3;

std::uint8_t clamp(int value) { return static_cast<std::uint8_t>(std::clamp(value, 0, 255)); }

// libyuv's: contributions with 6 fraction bits, that of Y for a 16-bit Y.
struct IntegerMatrix {
  int y_gain;
  int y_bias;
  int cb_to_blue;
  int cb_to_green;
  int cr_to_green;
  int cr_to_red;

  void convert(int y, int cb, int cr, std::uint8_t* rgb) const {
    const int light =
        static_cast<int>((static_cast<unsigned>(y) * 0x0101U * y_gain) >> 16) + y_bias;
    rgb[0] = clamp((light + cr_to_red * (cr - 128)) >> 6);
    rgb[1] = clamp((light - cb_to_green * (cb - 128) - cr_to_green * (cr - 128)) >> 6);
    rgb[2] = clamp((light + cb_to_blue * (cb - 128)) >> 6);
  }
};

constexpr IntegerMatrix kBt601Full{16320, 32, 113, 22, 46, 90};
constexpr IntegerMatrix kBt601Limited{18997, -1160, 128, 25, 52, 102};
constexpr IntegerMatrix kBt709Full{16320, 32, 119, 12, 30, 101};
constexpr IntegerMatrix kBt709Limited{18997, -1160, 128, 14, 34, 115};
constexpr IntegerMatrix kBt2020Full{16320, 32, 120, 11, 37, 94};
constexpr IntegerMatrix kBt2020Limited{19003, -1160, 128, 12, 42, 107};

const IntegerMatrix* integer_matrix(const YccImage& image) {
  switch (image.matrix) {
    case YccMatrix::kBt709:
      return image.full_range ? &kBt709Full : &kBt709Limited;
    case YccMatrix::kUnspecified:
    case YccMatrix::kBt470Bg:
    case YccMatrix::kBt601:
      return image.full_range ? &kBt601Full : &kBt601Limited;
    case YccMatrix::kBt2020:
      return image.full_range ? &kBt2020Full : &kBt2020Limited;
    case YccMatrix::kIdentity:
    case YccMatrix::kFcc:
    case YccMatrix::kSmpte240:
      break;
  }
  return nullptr;
}

struct LumaWeights {
  float red;
  float blue;
};

LumaWeights luma_weights(YccMatrix matrix) {
  switch (matrix) {
    case YccMatrix::kBt709:
      return {0.2126F, 0.0722F};
    case YccMatrix::kFcc:
      return {0.30F, 0.11F};
    case YccMatrix::kSmpte240:
      return {0.212F, 0.087F};
    case YccMatrix::kBt2020:
      return {0.2627F, 0.0593F};
    case YccMatrix::kIdentity:
    case YccMatrix::kUnspecified:
    case YccMatrix::kBt470Bg:
    case YccMatrix::kBt601:
      break;
  }
  return {0.299F, 0.114F};
}

// The range of the samples, which are codes of `bits` bits.
struct SampleRange {
  explicit SampleRange(const YccImage& image) {
    const int scale = 1 << (image.bits - 8);
    const int most = (1 << image.bits) - 1;
    black = static_cast<float>(image.full_range ? 0 : 16 * scale);
    luma = static_cast<float>(image.full_range ? most : 219 * scale);
    neutral = static_cast<float>(128 * scale);
    chroma = static_cast<float>(image.full_range ? most : 224 * scale);
  }

  float black;
  float luma;
  float neutral;
  float chroma;
};

std::uint8_t to_byte(float value) {
  return static_cast<std::uint8_t>(std::clamp(value, 0.0F, 1.0F) * 255.0F + 0.5F);
}

struct FloatMatrix {
  explicit FloatMatrix(const YccImage& image)
      : range(image),
        weights(luma_weights(image.matrix)),
        identity(image.matrix == YccMatrix::kIdentity) {}

  void convert(float y, float cb, float cr, std::uint8_t* rgb) const {
    const float light = (y - range.black) / range.luma;
    if (identity) {
      rgb[0] = to_byte((cr - range.black) / range.luma);
      rgb[1] = to_byte(light);
      rgb[2] = to_byte((cb - range.black) / range.luma);
      return;
    }
    const float red = light + 2 * (1 - weights.red) * ((cr - range.neutral) / range.chroma);
    const float blue = light + 2 * (1 - weights.blue) * ((cb - range.neutral) / range.chroma);
    const float green =
        (light - weights.red * red - weights.blue * blue) / (1 - weights.red - weights.blue);
    rgb[0] = to_byte(red);
    rgb[1] = to_byte(green);
    rgb[2] = to_byte(blue);
  }

  SampleRange range;
  LumaWeights weights;
  bool identity;
};

// One chroma plane's rows, sixteen times as large where both axes are interpolated. Chroma that was
// repeated and is blurred by 1 2 1 is what linear interpolation between its centres gives: of a
// repeated pair, one sample sees its own value three times and the neighbour's once.
template <typename Sample>
class ChromaRows {
 public:
  ChromaRows(const YccImage& image, int channel, int shift)
      : image_(image),
        shift_(shift),
        samples_(static_cast<const Sample*>(image.samples) + channel),
        row_(static_cast<std::size_t>(image.width)),
        column_sums_(row_.size()) {}

  // The weight of what row() gives.
  int weight() const { return (image_.half_width ? 4 : 1) * (image_.half_height ? 4 : 1); }

  const int* row(int y) {
    const int width = image_.width;
    const Sample* here = at(y);
    const Sample* above = at(std::max(y - 1, 0));
    const Sample* below = at(std::min(y + 1, image_.height - 1));
    for (int x = 0; x < width; ++x) {
      const int i = image_.channels * x;
      const int value = here[i] >> shift_;
      column_sums_[x] =
          image_.half_height ? (above[i] >> shift_) + 2 * value + (below[i] >> shift_) : value;
    }
    if (!image_.half_width) return column_sums_.data();
    for (int x = 1; x < width - 1; ++x) {
      row_[x] = column_sums_[x - 1] + 2 * column_sums_[x] + column_sums_[x + 1];
    }
    row_.front() = 4 * column_sums_.front();
    row_.back() = 4 * column_sums_.back();  // also of an odd width, where it could have a neighbour
    return row_.data();
  }

 private:
  const Sample* at(int y) const {
    return samples_ + static_cast<std::size_t>(image_.channels) * image_.width * y;
  }

  const YccImage& image_;
  int shift_;
  const Sample* samples_;
  std::vector<int> row_;
  std::vector<int> column_sums_;
};

template <typename Sample>
void convert_grey(const YccImage& image, std::uint8_t* rgb) {
  const SampleRange range(image);
  const auto* samples = static_cast<const Sample*>(image.samples);
  const int unused_bits = 8 * static_cast<int>(sizeof(Sample)) - image.bits;
  const std::size_t pixels =
      static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height);
  for (std::size_t i = 0; i < pixels; ++i, samples += image.channels, rgb += 3) {
    const int y = samples[kY] >> unused_bits;
    rgb[0] = rgb[1] = rgb[2] = to_byte((static_cast<float>(y) - range.black) / range.luma);
  }
}

template <typename Sample>
void convert(const YccImage& image, std::uint8_t* rgb) {
  if (image.grey) return convert_grey<Sample>(image, rgb);
  const IntegerMatrix* integers = integer_matrix(image);
  const FloatMatrix floats(image);
  const int kept_bits = integers != nullptr ? 8 : image.bits;
  const int shift = 8 * static_cast<int>(sizeof(Sample)) - kept_bits;
  ChromaRows<Sample> blue(image, kCb, shift);
  ChromaRows<Sample> red(image, kCr, shift);
  const int weight = blue.weight();
  const float part = 1.0F / static_cast<float>(weight);
  const auto* samples = static_cast<const Sample*>(image.samples) + kY;
  for (int y = 0; y < image.height; ++y) {
    const int* cb = blue.row(y);
    const int* cr = red.row(y);
    for (int x = 0; x < image.width; ++x, samples += image.channels, rgb += 3) {
      const int luma = *samples >> shift;
      if (integers != nullptr) {
        integers->convert(luma, (cb[x] + weight / 2) / weight, (cr[x] + weight / 2) / weight, rgb);
      } else {
        floats.convert(static_cast<float>(luma), static_cast<float>(cb[x]) * part,
                       static_cast<float>(cr[x]) * part, rgb);
      }
    }
  }
}

template <typename Sample>
void divide_by_alpha(const YccImage& image, std::uint8_t* rgb) {
  const auto* samples = static_cast<const Sample*>(image.samples);
  const int shift = 8 * static_cast<int>(sizeof(Sample)) - 8;
  const std::size_t pixels =
      static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height);
  for (std::size_t i = 0; i < pixels; ++i, samples += image.channels, rgb += 3) {
    const int alpha = samples[kAlpha] >> shift;
    for (int channel = 0; channel < 3; ++channel) {
      rgb[channel] = alpha == 0 ? 0 : clamp((rgb[channel] * 255 + alpha / 2) / alpha);
    }
  }
}

template <typename Sample>
void convert_all(const YccImage& image, std::uint8_t* rgb) {
  convert<Sample>(image, rgb);
  if (image.channels == 4) divide_by_alpha<Sample>(image, rgb);
}

}  // namespace

bool is_known_matrix(int number) {
  constexpr std::array<int, 8> kKnown = {0, 1, 2, 4, 5, 6, 7, 9};
  return std::find(kKnown.begin(), kKnown.end(), number) != kKnown.end();
}

void ycc_to_rgb(const YccImage& image, std::uint8_t* rgb) {
  if (image.bits == 8) {
    convert_all<std::uint8_t>(image, rgb);
  } else {
    convert_all<std::uint16_t>(image, rgb);
  }
}

}  // namespace pixtok::decode
