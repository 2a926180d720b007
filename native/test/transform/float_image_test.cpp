#include "transform/float_image.h"

#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>
#include <vector>

#include "kernels/kernel_table.h"
#include "test/check.h"
#include "test/golden_lines.h"

namespace {

using namespace pixtok;
using transform::FloatFilter;
using transform::FloatImage;

constexpr const char* kFilters[] = {"nearest",  "antialiased-bilinear",      "antialiased-bicubic",
                                    "bilinear", "bilinear-corner-to-corner", "blurred-bilinear"};

// As test/goldens/make_float_resize.py draws it.
std::vector<float> drawn_image(int width, int height, std::uint32_t state) {
  std::vector<float> values(std::size_t{3} * width * height);
  for (float& value : values) {
    state = state * 1664525 + 1013904223;
    value = static_cast<float>(state >> 24) * static_cast<float>(1.0 / 255.0);
  }
  return values;
}

std::vector<float> mirrored(int width, int height, const transform::MirroredEdges& edges,
                            const std::vector<float>& plane) {
  std::vector<float> planes;
  for (int i = 0; i < 3; ++i) planes.insert(planes.end(), plane.begin(), plane.end());
  FloatImage image = transform::mirror(planes.data(), width, height, edges);
  CHECK(image.width == width + edges.left + edges.right);
  CHECK(image.height == height + edges.top + edges.bottom);
  image.values.resize(image.values.size() / 3);
  return image.values;
}

TEST("float images are resized to the bits that torch gives") {
  int count = 0;
  for (const test::GoldenLine& line : test::golden_lines("float_resize.jsonl")) {
    const int width = line.integer("from.width");
    const int height = line.integer("from.height");
    const std::vector<float> planes = drawn_image(width, height, line.integer("seed"));
    for (int filter = 0; filter < static_cast<int>(std::size(kFilters)); ++filter) {
      if (line.text("filter") != kFilters[filter]) continue;
      for (const kernels::KernelTable* table : kernels::supported_tables()) {
        const FloatImage image = transform::resize_floats(
            planes.data(), width, height, static_cast<FloatFilter>(filter),
            line.integer("to.width"), line.integer("to.height"), table->float_resize);
        const std::string sum =
            test::sha256(image.values.data(), image.values.size() * sizeof(float));
        if (sum == line.text("sha256")) continue;
        test::fail(__FILE__, __LINE__, std::string(table->name) + " " + line.json());
      }
      ++count;
    }
  }
  CHECK(count == 164);
}

// Expected values: numpy.pad(…, mode="reflect") and mode="symmetric".
TEST("edges are mirrored as numpy mirrors them") {
  const std::vector<float> row = {1, 2, 3};
  CHECK((mirrored(3, 1, {2, 0, 1, 0, false}, row) == std::vector<float>{3, 2, 1, 2, 3, 2}));
  CHECK((mirrored(3, 1, {2, 0, 1, 0, true}, row) == std::vector<float>{2, 1, 1, 2, 3, 3}));
  CHECK((mirrored(1, 3, {0, 2, 0, 1, false}, row) == std::vector<float>{3, 2, 1, 2, 3, 2}));
  CHECK((mirrored(2, 1, {0, 0, 5, 0, true}, {1, 2}) == std::vector<float>{1, 2, 2, 1, 1, 2, 2}));
  CHECK((mirrored(2, 1, {0, 0, 3, 0, false}, {1, 2}) == std::vector<float>{1, 2, 1, 2, 1}));
  CHECK((mirrored(1, 1, {2, 0, 0, 0, false}, {4}) == std::vector<float>{4, 4, 4}));
  CHECK((mirrored(3, 1, {}, row) == row));
}

}  // namespace
