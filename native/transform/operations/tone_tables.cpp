#include "transform/operations/tone_tables.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "transform/operations/blend.h"
#include "transform/operations/luma.h"

namespace pixtok::transform {

namespace {

using Histogram = std::array<std::uint32_t, 256>;

template <typename ValueOf>
ToneTable table_of(ValueOf&& value_of) {
  ToneTable table{};
  for (int byte = 0; byte < 256; ++byte) {
    table[static_cast<std::size_t>(byte)] = static_cast<std::uint8_t>(value_of(byte));
  }
  return table;
}

const ToneTable& identity() {
  static const ToneTable table = table_of([](int byte) { return byte; });
  return table;
}

void apply(const ToneTable& table, std::uint8_t* values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) values[i] = table[values[i]];
}

Histogram histogram_of(const std::uint8_t* values, std::size_t count) {
  // Several at once: runs of one value would wait for their own count.
  std::array<Histogram, 4> parts{};
  std::size_t i = 0;
  for (; i + parts.size() <= count; i += parts.size()) {
    for (std::size_t part = 0; part < parts.size(); ++part) ++parts[part][values[i + part]];
  }
  for (; i < count; ++i) ++parts[0][values[i]];
  Histogram sum = parts[0];
  for (std::size_t part = 1; part < parts.size(); ++part) {
    for (std::size_t byte = 0; byte < sum.size(); ++byte) sum[byte] += parts[part][byte];
  }
  return sum;
}

ToneTable toward(std::uint8_t from, double factor) {
  const auto share = static_cast<float>(factor);
  return table_of([=](int byte) { return blend(from, static_cast<std::uint8_t>(byte), share); });
}

// The mean of the grey image, rounded.
std::uint8_t mean_luma(const ByteImage& image) {
  const std::size_t count = image.plane_bytes();
  const std::uint8_t* const red = image.plane(0);
  const std::uint8_t* const green = image.plane(1);
  const std::uint8_t* const blue = image.plane(2);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += luma(red[i], green[i], blue[i]);
  const double mean = static_cast<double>(sum) / static_cast<double>(count);
  return static_cast<std::uint8_t>(mean + 0.5);
}

// ImageOps.autocontrast of one channel
ToneTable stretched(const Histogram& histogram) {
  const auto counts = [](std::uint32_t count) { return count != 0; };
  const auto first = std::find_if(histogram.begin(), histogram.end(), counts);
  const auto last = std::find_if(histogram.rbegin(), histogram.rend(), counts);
  const auto low = static_cast<int>(first - histogram.begin());
  const auto high = static_cast<int>(histogram.rend() - last) - 1;
  if (high <= low) return identity();
  const double scale = 255.0 / (high - low);
  const double offset = -low * scale;
  return table_of(
      [=](int byte) { return std::clamp(static_cast<int>(byte * scale + offset), 0, 255); });
}

// ImageOps.equalize of one channel
ToneTable equalized(const Histogram& histogram) {
  const auto kinds = std::count_if(histogram.begin(), histogram.end(),
                                   [](std::uint32_t count) { return count != 0; });
  if (kinds <= 1) return identity();
  const std::uint32_t last = *std::find_if(histogram.rbegin(), histogram.rend(),
                                           [](std::uint32_t count) { return count != 0; });
  const std::uint32_t all = std::accumulate(histogram.begin(), histogram.end(), std::uint32_t{0});
  const std::uint32_t step = (all - last) / 255;
  if (step == 0) return identity();
  std::uint32_t sum = step / 2;
  return table_of([&](int byte) {
    const std::uint32_t value = sum / step;
    sum += histogram[static_cast<std::size_t>(byte)];
    return std::min<std::uint32_t>(value, 255);
  });
}

}  // namespace

void change_tones(const Operation& operation, const ByteImage& image) {
  const double amount = operation.amount();
  ToneTable table{};
  switch (operation.kind) {
    case OperationKind::kBrightness:
      table = toward(0, amount);
      break;
    case OperationKind::kContrast:
      table = toward(mean_luma(image), amount);
      break;
    case OperationKind::kPosterize:
      table = table_of(
          [mask = ~((1 << (8 - static_cast<int>(amount))) - 1)](int byte) { return byte & mask; });
      break;
    case OperationKind::kSolarize:
      table = table_of([=](int byte) { return byte < amount ? byte : 255 - byte; });
      break;
    case OperationKind::kInvert:
      table = table_of([](int byte) { return 255 - byte; });
      break;
    case OperationKind::kAutocontrast:
    case OperationKind::kEqualize:
    default: {
      const auto made = operation.kind == OperationKind::kEqualize ? equalized : stretched;
      for (int channel = 0; channel < 3; ++channel) {
        std::uint8_t* const values = image.plane(channel);
        apply(made(histogram_of(values, image.plane_bytes())), values, image.plane_bytes());
      }
      return;
    }
  }
  apply(table, image.data, 3 * image.plane_bytes());
}

}  // namespace pixtok::transform
