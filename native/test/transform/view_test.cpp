#include "transform/view.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include "kernels/kernel_table.h"
#include "test/check.h"
#include "test/random_bytes.h"
#include "transform/normalizer.h"

namespace {

using namespace pixtok;
using kernels::ElementType;
using kernels::Layout;

struct Picture {
  int width;
  int height;
  std::vector<std::uint8_t> bytes;  // interleaved

  Picture(std::mt19937_64& random, int w, int h)
      : width(w),
        height(h),
        bytes(test::random_bytes(random, 3 * static_cast<std::size_t>(w) * h)) {}

  core::PixelView view() const {
    return {bytes.data(), width, height, core::PixelFormat::kRgb, false};
  }

  std::uint8_t at(int x, int y, int channel) const {
    return bytes[3 * (static_cast<std::size_t>(y) * width + x) + channel];
  }
};

transform::Plan plan_of(ElementType type, Layout layout) {
  transform::Plan plan;
  plan.purpose = transform::Purpose::kViews;
  plan.type = type;
  plan.layout = layout;
  return plan;
}

transform::Plan byte_plan(Layout layout) { return plan_of(ElementType::kUint8, layout); }

// What memory has in it before it is written to.
constexpr std::uint8_t kUntouched = 7;

// All of an image in its own size, cut into cells.
transform::View whole_view(int width, int height, const transform::Cells& cells) {
  transform::View view;
  view.resized_width = view.width = width;
  view.resized_height = view.height = height;
  view.cells = cells;
  return view;
}

transform::Cells cells_of(int width, int height, int across, int down, int block, int copies,
                          Layout layout) {
  transform::Cells cells{width, height, across, down, block, copies};
  const auto row = static_cast<std::size_t>(width);
  const std::size_t plane = row * static_cast<std::size_t>(height);
  const bool interleaved = layout == Layout::kHwc;
  cells.row_stride = interleaved ? 3 * row : row;
  cells.plane_stride = interleaved ? 0 : plane;
  cells.cell_stride = 3 * static_cast<std::size_t>(copies) * plane;
  return cells;
}

std::vector<std::uint8_t> prepared(const core::PixelView& pixels, const transform::Views& views,
                                   const transform::Plan& plan, std::size_t bytes,
                                   const kernels::KernelTable& kernels) {
  CHECK(transform::are_sound(views, plan, bytes));
  CHECK(bytes == 0 || !transform::are_sound(views, plan, bytes - 1));
  std::vector<std::uint8_t> target(bytes, kUntouched);
  transform::ViewScratch scratch;
  transform::PrepareScratch prepare;
  CHECK(
      transform::prepare_views(pixels, views, plan, kernels, scratch, prepare, target.data()).ok());
  return target;
}

// A byte of a channel.
struct Value {
  int channel;
  std::uint8_t byte;
};

// Each pixel of each cell, in the order in which cells follow each other.
std::vector<Value> expected_cells(const Picture& picture, const transform::Cells& cells,
                                  Layout layout) {
  std::vector<Value> expected;
  const auto add_cell = [&](int row, int column) {
    const auto pixel = [&](int x, int y, int channel) {
      const int left = column * cells.width;
      return Value{channel, picture.at(left + x, row * cells.height + y, channel)};
    };
    if (layout == Layout::kHwc) {
      for (int y = 0; y < cells.height; ++y) {
        for (int x = 0; x < cells.width; ++x) {
          for (int channel = 0; channel < 3; ++channel) expected.push_back(pixel(x, y, channel));
        }
      }
      return;
    }
    for (int channel = 0; channel < 3; ++channel) {
      for (int copy = 0; copy < cells.copies; ++copy) {
        for (int y = 0; y < cells.height; ++y) {
          for (int x = 0; x < cells.width; ++x) expected.push_back(pixel(x, y, channel));
        }
      }
    }
  };
  for (int row = 0; row < cells.down; row += cells.block) {
    for (int column = 0; column < cells.across; column += cells.block) {
      for (int y = 0; y < cells.block; ++y) {
        for (int x = 0; x < cells.block; ++x) add_cell(row + y, column + x);
      }
    }
  }
  return expected;
}

std::vector<std::uint8_t> elements_of(const std::vector<Value>& values,
                                      const transform::Plan& plan) {
  std::vector<std::uint8_t> elements;
  const auto add = [&](const auto& number) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&number);
    elements.insert(elements.end(), bytes, bytes + sizeof number);
  };
  for (const auto [channel, byte] : values) {
    if (plan.type == ElementType::kFloat32) add(plan.normalizer.table[channel][byte]);
    if (plan.type == ElementType::kFloat16) add(plan.normalizer.half_table[channel][byte]);
    if (plan.type == ElementType::kUint8) add(byte);
  }
  return elements;
}

// By arithmetic and by tables.
transform::NormalizerOptions some_normalizer(std::mt19937_64& random) {
  transform::NormalizerOptions options;
  options.mean = {0.485, 0.456, 0.406};
  options.std = {0.229, 0.224, 0.225};
  if (random() % 2 == 0) options.arithmetic = transform::RescaleArithmetic::kHuggingFace;
  return options;
}

TEST("an image is stored cell after cell, in blocks, each plane so many times") {
  std::mt19937_64 random(test::seed());
  const auto up_to = [&random](int most) {
    return 1 + static_cast<int>(random() % static_cast<unsigned>(most));
  };
  const int sides[] = {1, 3, 8, 14, 16, 17, 63, 64, 70};
  for (const kernels::KernelTable* kernels : kernels::supported_tables()) {
    for (const ElementType type :
         {ElementType::kFloat32, ElementType::kFloat16, ElementType::kUint8}) {
      for (const int width : sides) {
        for (const Layout layout : {Layout::kChw, Layout::kHwc}) {
          transform::Plan plan = plan_of(type, layout);
          plan.normalizer = transform::build_normalizer(some_normalizer(random), *kernels);
          const int block = up_to(2);
          const int copies = layout == Layout::kHwc ? 1 : up_to(3);
          const transform::Cells cells = cells_of(width, up_to(16), up_to(12) * block,
                                                  up_to(3) * block, block, copies, layout);
          const Picture picture(random, width * cells.across, cells.height * cells.down);
          transform::Views views{{whole_view(picture.width, picture.height, cells)}, {}};
          const std::size_t before = random() % 40 * plan.element_bytes();
          views.views[0].offset = before;
          std::vector<std::uint8_t> expected(before, kUntouched);
          const auto elements = elements_of(expected_cells(picture, cells, layout), plan);
          expected.insert(expected.end(), elements.begin(), elements.end());
          CHECK(prepared(picture.view(), views, plan, expected.size(), *kernels) == expected);
        }
      }
    }
  }
}

TEST("a view is made of an earlier one, with a colour around it") {
  std::mt19937_64 random(test::seed());
  const Picture picture(random, 4, 3);
  transform::View kept;
  kept.resized_width = 4;
  kept.resized_height = 3;
  kept.width = 6;
  kept.height = 5;
  kept.window = {-1, -2, {10, 20, 30}};
  transform::View part = whole_view(3, 2, cells_of(3, 2, 1, 1, 1, 1, Layout::kHwc));
  part.from = 0;
  part.crop = {3, 1, 3, 2};
  const transform::Views views{{kept, part}, {}};
  const auto stored =
      prepared(picture.view(), views, byte_plan(Layout::kHwc), 18, *kernels::supported_tables()[0]);
  const std::uint8_t colour[] = {10, 20, 30};
  for (int y = 0; y < 2; ++y) {
    for (int x = 0; x < 3; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        const int from_x = x + 3 - 1;
        const int from_y = y + 1 - 2;
        const bool inside = from_x < 4 && from_y >= 0;
        CHECK(stored[3 * static_cast<std::size_t>(y * 3 + x) + channel] ==
              (inside ? picture.at(from_x, from_y, channel) : colour[channel]));
      }
    }
  }
}

TEST("an image in the corner of a larger cell leaves alone what is around it, but for zeros") {
  std::mt19937_64 random(test::seed());
  const Picture picture(random, 2, 2);
  transform::Cells cells{2, 2, 1, 1, 1, 1, 4, 12, 36};
  transform::Views views{{whole_view(2, 2, cells)}, {{6, 12}}};
  const auto stored =
      prepared(picture.view(), views, byte_plan(Layout::kChw), 30, *kernels::supported_tables()[0]);
  CHECK(stored[0] == picture.at(0, 0, 0) && stored[5] == picture.at(1, 1, 0));
  CHECK(stored[2] == 7 && stored[13] == picture.at(1, 0, 1) && stored[29] == picture.at(1, 1, 2));
  CHECK(stored[6] == 0 && stored[11] == 0);
}

TEST("blue comes first once, in a view that is made of a kept one, too") {
  std::mt19937_64 random(test::seed());
  const Picture picture(random, 4, 3);
  transform::Plan plan = byte_plan(Layout::kHwc);
  plan.blue_first = true;
  transform::View kept;
  kept.resized_width = kept.width = 4;
  kept.resized_height = kept.height = 3;
  transform::View made = whole_view(4, 3, cells_of(4, 3, 1, 1, 1, 1, Layout::kHwc));
  made.from = 0;
  const auto stored =
      prepared(picture.view(), {{kept, made}, {}}, plan, 36, *kernels::supported_tables()[0]);
  for (int y = 0; y < 3; ++y) {
    for (int x = 0; x < 4; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        CHECK(stored[static_cast<std::size_t>(3 * (4 * y + x) + channel)] ==
              picture.at(x, y, 2 - channel));
      }
    }
  }
}

TEST("views that are not sound are refused") {
  const transform::Plan plan = byte_plan(Layout::kChw);
  const transform::Cells cells = cells_of(2, 2, 1, 1, 1, 1, Layout::kChw);
  const transform::View view = whole_view(2, 2, cells);
  CHECK(transform::are_sound({{view}, {}}, plan, 12));
  const auto refuses = [&](void (*change)(transform::View&)) {
    transform::View changed = view;
    change(changed);
    return !transform::are_sound({{changed}, {}}, plan, 12);
  };
  CHECK(refuses([](transform::View& it) { it.from = 0; }));
  CHECK(refuses([](transform::View& it) { it.offset = 1; }));
  CHECK(refuses([](transform::View& it) { it.width = 3; }));
  CHECK(refuses([](transform::View& it) { it.height = 0; }));
  CHECK(refuses([](transform::View& it) { it.resized_width = 0; }));
  CHECK(refuses([](transform::View& it) { it.cells->block = 2; }));
  CHECK(refuses([](transform::View& it) { it.cells->copies = 2; }));
  CHECK(refuses([](transform::View& it) { it.cells->plane_stride = SIZE_MAX / 2; }));
  CHECK(refuses([](transform::View& it) { it.cubic = true; }));
  CHECK(transform::are_sound({{view}, {{0, 12}}}, plan, 12));
  CHECK(!transform::are_sound({{view}, {{0, 13}}}, plan, 12));
  CHECK(!transform::are_sound({{view}, {{5, 4}}}, plan, 12));
  transform::Plan halves = plan;
  halves.type = kernels::ElementType::kFloat16;
  transform::View behind = view;
  for (const std::size_t offset : {1U, 2U, 3U, 4U}) {
    behind.offset = offset;
    CHECK(transform::are_sound({{behind}, {}}, halves, 28) == (offset % 2 == 0));
  }
  transform::View after = view;
  after.from = 0;  // which is stored, not kept
  CHECK(!transform::are_sound({{view, after}, {}}, plan, 24));
}

TEST("numbers are made smaller by a whole number on each axis, in one cell of floats in planes") {
  transform::Plan plan = byte_plan(Layout::kChw);
  plan.type = kernels::ElementType::kFloat32;
  transform::View kept;
  kept.resized_width = kept.width = 6;
  kept.resized_height = kept.height = 4;
  transform::View small = whole_view(3, 2, cells_of(3, 2, 1, 1, 1, 1, Layout::kChw));
  small.from = 0;
  small.cubic = true;
  const auto is_sound = [&](const transform::Plan& of, const transform::View& view) {
    return transform::are_sound({{kept, view}, {}}, of, 1000);
  };
  CHECK(is_sound(plan, small));
  for (const auto& [width, height] : {std::array<int, 2>{6, 5}, std::array<int, 2>{7, 4}}) {
    kept.width = width;
    kept.height = height;
    CHECK(!is_sound(plan, small));
  }
  kept.width = 6;
  kept.height = 4;
  transform::Plan turned = plan;
  turned.blue_first = true;
  CHECK(!is_sound(turned, small));
  transform::Plan interleaved = plan;
  interleaved.layout = Layout::kHwc;
  CHECK(!is_sound(interleaved, small));
  transform::View gaps = small;
  gaps.cells->row_stride = 4;
  CHECK(!is_sound(plan, gaps));
  transform::View apart = small;
  apart.cells->plane_stride = 7;
  CHECK(!is_sound(plan, apart));
  transform::View two = whole_view(3, 2, cells_of(3, 1, 1, 2, 1, 1, Layout::kChw));
  two.from = 0;
  two.cubic = true;
  CHECK(!is_sound(plan, two));
}

TEST("numbers that are made three times smaller are those in the middle") {
  std::mt19937_64 random(test::seed());
  const Picture picture(random, 9, 6);
  transform::Plan plan = byte_plan(Layout::kChw);
  plan.type = kernels::ElementType::kFloat32;
  for (int channel = 0; channel < 3; ++channel) {
    for (int byte = 0; byte < 256; ++byte) {
      plan.normalizer.table[channel][byte] = static_cast<float>(byte * (channel + 1));
    }
  }
  transform::View kept;
  kept.resized_width = kept.width = 9;
  kept.resized_height = kept.height = 6;
  transform::View small = whole_view(3, 2, cells_of(3, 2, 1, 1, 1, 1, Layout::kChw));
  small.from = 0;
  small.cubic = true;
  const transform::Views views{{kept, small}, {}};
  for (const kernels::KernelTable* kernels : kernels::supported_tables()) {
    const auto stored = prepared(picture.view(), views, plan, 72, *kernels);
    const auto* numbers = reinterpret_cast<const float*>(stored.data());
    for (int channel = 0; channel < 3; ++channel) {
      for (int y = 0; y < 2; ++y) {
        for (int x = 0; x < 3; ++x) {
          const float byte = picture.at(3 * x + 1, 3 * y + 1, channel);
          CHECK(*numbers++ == byte * static_cast<float>(channel + 1));
        }
      }
    }
  }
}

}  // namespace
