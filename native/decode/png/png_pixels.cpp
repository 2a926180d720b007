#include "decode/png/png_pixels.h"

#include <cstring>

namespace pixtok::decode {

namespace {

using core::PixelFormat;

constexpr PngPass kWhole[] = {{}};
constexpr PngPass kAdam7[] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                              {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};

// How many places there are from `first` on, `step` apart.
std::size_t places(int size, int first, int step) {
  return size <= first ? 0 : static_cast<std::size_t>((size - first + step - 1) / step);
}

bool has_filter_types(const std::uint8_t* inflated, const PngPasses& passes) {
  for (const PngPass& pass : passes) {
    for (std::size_t y = 0; y < pass.rows; ++y, inflated += 1 + pass.row_bytes) {
      if (*inflated > kernels::kLastRowFilter) return false;
    }
  }
  return true;
}

// Samples of 1, 2 or 4 bits, the leftmost in the highest ones (7.2), to bytes `step` apart.
void unpack(const std::uint8_t* row, std::size_t columns, int depth, std::uint8_t* to,
            std::size_t step) {
  const unsigned mask = (1U << depth) - 1;
  int left = 0;  // bits of the byte
  unsigned bits = 0;
  for (std::size_t x = 0; x < columns; ++x, to += step) {
    if (left == 0) {
      bits = *row++;
      left = 8;
    }
    left -= depth;
    *to = static_cast<std::uint8_t>(bits >> left & mask);
  }
}

// Numbers of 16 bits in this machine's order. They are stored with the high byte first (7.1).
void swap_grey(const std::uint8_t* row, std::size_t columns, std::uint8_t* to, std::size_t step) {
  for (std::size_t x = 0; x < columns; ++x, row += 2, to += step) {
    const auto value = static_cast<std::uint16_t>(row[0] << 8 | row[1]);
    std::memcpy(to, &value, sizeof value);
  }
}

// Of each sample the first byte.
void take_bytes(const std::uint8_t* row, std::size_t columns, std::size_t samples,
                std::size_t sample_bytes, std::uint8_t* to, std::size_t step) {
  for (std::size_t x = 0; x < columns; ++x, to += step) {
    for (std::size_t i = 0; i < samples; ++i, row += sample_bytes) to[i] = *row;
  }
}

// A row of a pass to its places, `step` bytes apart.
void place_row(const std::uint8_t* row, std::size_t columns, const PngHeader& header,
               std::uint8_t* to, std::size_t step) {
  const int depth = header.depth;
  if (depth < 8) return unpack(row, columns, depth, to, step);
  if (depth == 16 && header.colour == PngColour::kGrey) return swap_grey(row, columns, to, step);
  const auto samples = static_cast<std::size_t>(header.bits_per_pixel() / depth);
  take_bytes(row, columns, samples, static_cast<std::size_t>(depth / 8), to, step);
}

}  // namespace

PngPasses png_passes(const PngHeader& header) {
  PngPasses passes;
  const auto add = [&](PngPass pass) {
    pass.columns = places(header.width, pass.left, pass.step_x);
    pass.rows = places(header.height, pass.top, pass.step_y);
    pass.row_bytes = (pass.columns * static_cast<std::size_t>(header.bits_per_pixel()) + 7) / 8;
    if (pass.columns > 0 && pass.rows > 0) passes.add(pass);
  };
  if (header.interlaced) {
    for (const PngPass& pass : kAdam7) add(pass);
  } else {
    for (const PngPass& pass : kWhole) add(pass);
  }
  return passes;
}

std::size_t inflated_bytes(const PngPasses& passes) {
  std::size_t bytes = 0;
  for (const PngPass& pass : passes) bytes += pass.rows * (1 + pass.row_bytes);
  return bytes;
}

PixelFormat png_pixel_format(const PngHeader& header) {
  switch (header.colour) {
    case PngColour::kRgb:
      return PixelFormat::kRgb;
    case PngColour::kGreyAlpha:
      return PixelFormat::kGreyAlpha;
    case PngColour::kRgba:
      return PixelFormat::kRgba;
    case PngColour::kIndexed:
      return PixelFormat::kIndexed;
    case PngColour::kGrey:
      break;
  }
  if (header.depth == 16) return PixelFormat::kGrey16;
  return header.depth == 8 ? PixelFormat::kGrey : PixelFormat::kIndexed;
}

const std::uint8_t* unfilter_pixels(const std::uint8_t* inflated, const PngHeader& header,
                                    const PngPasses& passes,
                                    const kernels::UnfilterKernels& kernels,
                                    PngPixelScratch& scratch) {
  if (!has_filter_types(inflated, passes)) return nullptr;
  const PixelFormat format = png_pixel_format(header);
  const auto pixel_bytes = static_cast<std::size_t>(core::bytes_per_pixel(format));
  const std::size_t stride = static_cast<std::size_t>(header.width) * pixel_bytes;
  std::uint8_t* pixels =
      scratch.pixels.reserve(core::bytes_of_pixels(format, header.width, header.height));
  const auto step = static_cast<std::size_t>(header.depth < 8 ? 1 : header.bits_per_pixel() / 8);
  const bool as_stored = header.depth == 8 && !header.interlaced;
  for (const PngPass& pass : passes) {
    std::uint8_t* rows = as_stored ? pixels : scratch.rows.reserve(pass.rows * pass.row_bytes);
    kernels.unfilter({inflated, pass.row_bytes, pass.rows, step, rows});
    inflated += pass.rows * (1 + pass.row_bytes);
    if (as_stored) break;
    std::uint8_t* to = pixels + static_cast<std::size_t>(pass.top) * stride +
                       static_cast<std::size_t>(pass.left) * pixel_bytes;
    for (std::size_t y = 0; y < pass.rows; ++y) {
      place_row(rows + y * pass.row_bytes, pass.columns, header,
                to + y * static_cast<std::size_t>(pass.step_y) * stride,
                static_cast<std::size_t>(pass.step_x) * pixel_bytes);
    }
  }
  return pixels;
}

}  // namespace pixtok::decode
