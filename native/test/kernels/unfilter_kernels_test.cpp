// The filters of PNG of every kernel table: what the specification's own arithmetic filters comes
// back.

#include "kernels/unfilter/unfilter_kernels.h"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "core/aligned_buffer.h"
#include "kernels/kernel_table.h"
#include "test/check.h"
#include "test/random_bytes.h"

namespace {

using namespace pixtok;

struct Image {
  std::size_t step = 0;
  std::size_t row_bytes = 0;
  std::size_t rows = 0;
  std::vector<std::uint8_t> pixels;

  // Raw(x), Raw(x - bpp), Prior(x) or Prior(x - bpp) of the specification.
  int at(std::size_t y, std::size_t i, bool prior, bool left) const {
    if ((prior && y == 0) || (left && i < step)) return 0;
    return pixels[(y - (prior ? 1 : 0)) * row_bytes + i - (left ? step : 0)];
  }
};

// PNG specification, 9.2 and 9.4.
std::uint8_t filtered_byte(const Image& image, std::uint8_t filter, std::size_t y, std::size_t i) {
  const int a = image.at(y, i, false, true);
  const int b = image.at(y, i, true, false);
  const int c = image.at(y, i, true, true);
  int predictor = 0;
  if (filter == 1) predictor = a;
  if (filter == 2) predictor = b;
  if (filter == 3) predictor = (a + b) / 2;
  if (filter == 4) {
    const int p = a + b - c;
    const int pa = p > a ? p - a : a - p;
    const int pb = p > b ? p - b : b - p;
    const int pc = p > c ? p - c : c - p;
    predictor = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
  }
  return static_cast<std::uint8_t>(image.at(y, i, false, false) - predictor);
}

Image random_image(std::mt19937_64& random) {
  constexpr std::size_t kSteps[] = {1, 2, 3, 4, 6, 8};
  Image image;
  image.step = kSteps[random() % 6];
  image.row_bytes = image.step * (1 + random() % (random() % 4 == 0 ? 90 : 9));
  image.rows = 1 + random() % 9;
  image.pixels = test::random_bytes(random, image.row_bytes * image.rows);
  // Steps of one, so that distances are equal.
  if (random() % 3 == 0) {
    for (std::uint8_t& byte : image.pixels) byte = static_cast<std::uint8_t>(byte % 3);
  }
  return image;
}

TEST("the rows of every kernel table are those that were filtered") {
  std::mt19937_64 random(test::seed());
  core::ScratchBuffer target;
  for (int i = 0; i < 5 * test::random_cases(); ++i) {
    const Image image = random_image(random);
    const std::uint64_t all_rows = random() % 12;  // of one filter, or of any
    std::vector<std::uint8_t> filtered;
    for (std::size_t y = 0; y < image.rows; ++y) {
      const auto filter = static_cast<std::uint8_t>(all_rows < 5 ? all_rows : random() % 5);
      filtered.push_back(filter);
      for (std::size_t at = 0; at < image.row_bytes; ++at) {
        filtered.push_back(filtered_byte(image, filter, y, at));
      }
    }
    filtered.resize(filtered.size() + core::kTailPadding, 0xA5);
    for (const kernels::KernelTable* table : kernels::supported_tables()) {
      std::uint8_t* rows = target.reserve(image.pixels.size());
      table->unfilter.unfilter({filtered.data(), image.row_bytes, image.rows, image.step, rows});
      if (std::vector<std::uint8_t>(rows, rows + image.pixels.size()) != image.pixels) {
        test::fail(__FILE__, __LINE__, std::string(table->name) + ", case " + std::to_string(i));
      }
    }
  }
}

}  // namespace
