#include "transform/operations/warp.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <vector>

namespace pixtok::transform {

namespace {

// Pillow's COORD: the pixel of a place, negative outside to the left.
int pixel_of(double place) { return place >= 0.0 ? static_cast<int>(std::min(place, 1e9)) : -1; }

void copy_pixel(const ByteImage& source, std::size_t from, const ByteImage& target,
                std::size_t to) {
  for (int channel = 0; channel < 3; ++channel) {
    target.plane(channel)[to] = source.plane(channel)[from];
  }
}

std::size_t at(const ByteImage& image, int x, int y) {
  return static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) +
         static_cast<std::size_t>(x);
}

bool is_inside(const ByteImage& image, int x, int y) {
  return x >= 0 && x < image.width && y >= 0 && y < image.height;
}

// ImagingScaleAffine: rows of the source stay rows.
void scale_nearest(const ByteImage& source, const AffineMatrix& m, const ByteImage& target) {
  std::vector<int> columns;
  double x = m[2] + m[0] * 0.5;
  for (int i = 0; i < target.width; ++i, x += m[0]) columns.push_back(pixel_of(x));
  double y = m[5] + m[4] * 0.5;
  for (int row = 0; row < target.height; ++row, y += m[4]) {
    const int from = pixel_of(y);
    if (from < 0 || from >= source.height) continue;
    for (int column = 0; column < target.width; ++column) {
      const int pixel = columns[static_cast<std::size_t>(column)];
      if (pixel < 0 || pixel >= source.width) continue;
      copy_pixel(source, at(source, pixel, from), target, at(target, column, row));
    }
  }
}

// Whether places of all corners have a fixed point: 16 bits on each side of it.
bool has_fixed_point(const AffineMatrix& m, int width, int height) {
  const auto fits = [&](double x, double y) {
    return std::fabs(x * m[0] + y * m[1] + m[2]) < 32768.0 &&
           std::fabs(x * m[3] + y * m[4] + m[5]) < 32768.0;
  };
  return fits(0, 0) && fits(width - 1, height - 1) && fits(0, height - 1) && fits(width - 1, 0);
}

std::int64_t fixed(double value) {
  return static_cast<std::int64_t>(std::floor(value * 65536.0 + 0.5));
}

// affine_fixed
void affine_fixed(const ByteImage& source, const AffineMatrix& m, const ByteImage& target) {
  const std::int64_t step_x = fixed(m[0]);
  const std::int64_t step_y = fixed(m[3]);
  const std::int64_t down_x = fixed(m[1]);
  const std::int64_t down_y = fixed(m[4]);
  std::int64_t start_x = fixed(m[2] + m[0] * 0.5 + m[1] * 0.5);
  std::int64_t start_y = fixed(m[5] + m[3] * 0.5 + m[4] * 0.5);
  const auto width = static_cast<std::uint64_t>(source.width);
  const auto height = static_cast<std::uint64_t>(source.height);
  for (int row = 0; row < target.height; ++row, start_x += down_x, start_y += down_y) {
    std::int64_t x = start_x;
    std::int64_t y = start_y;
    std::size_t to = at(target, 0, row);
    for (int column = 0; column < target.width; ++column, ++to, x += step_x, y += step_y) {
      const auto from_x = static_cast<std::uint64_t>(x >> 16);  // of negative ones it is huge
      const auto from_y = static_cast<std::uint64_t>(y >> 16);
      if (from_x >= width || from_y >= height) continue;
      copy_pixel(source, static_cast<std::size_t>(from_y * width + from_x), target, to);
    }
  }
}

void affine_nearest(const ByteImage& source, const AffineMatrix& m, const ByteImage& target) {
  if (m[1] == 0.0 && m[3] == 0.0) return scale_nearest(source, m, target);
  if (has_fixed_point(m, target.width, target.height)) return affine_fixed(source, m, target);
  double start_x = m[2] + m[0] * 0.5 + m[1] * 0.5;
  double start_y = m[5] + m[3] * 0.5 + m[4] * 0.5;
  for (int row = 0; row < target.height; ++row, start_x += m[1], start_y += m[4]) {
    double x = start_x;
    double y = start_y;
    for (int column = 0; column < target.width; ++column, x += m[0], y += m[3]) {
      const int from_x = pixel_of(x);
      const int from_y = pixel_of(y);
      if (!is_inside(source, from_x, from_y)) continue;
      copy_pixel(source, at(source, from_x, from_y), target, at(target, column, row));
    }
  }
}

double linear(double from, double to, double part) { return from + (to - from) * part; }

// Pillow's BICUBIC
double cubic(double v1, double v2, double v3, double v4, double part) {
  const double p1 = v2;
  const double p2 = -v1 + v3;
  const double p3 = 2 * (v1 - v2) + v3 - v4;
  const double p4 = -v1 + v2 - v3 + v4;
  return p1 + part * (p2 + part * (p3 + part * p4));
}

// The pixels around a place, `kTaps` on each axis; past an edge they are those of the edge.
template <int kTaps>
struct Neighbours {
  std::array<int, kTaps> columns{};
  std::array<int, kTaps> rows{};
  double part_x;
  double part_y;

  Neighbours(const ByteImage& source, double x, double y) {
    x -= 0.5;
    y -= 0.5;
    const int column = static_cast<int>(std::floor(x));
    const int row = static_cast<int>(std::floor(y));
    part_x = x - column;
    part_y = y - row;
    constexpr int kBefore = kTaps / 2 - 1;
    for (int i = 0; i < kTaps; ++i) {
      const auto k = static_cast<std::size_t>(i);
      columns[k] = std::clamp(column - kBefore + i, 0, source.width - 1);
      rows[k] = std::clamp(row - kBefore + i, 0, source.height - 1);
    }
  }
};

template <int kTaps>
void affine_smooth(const ByteImage& source, const AffineMatrix& m, const ByteImage& target) {
  for (int row = 0; row < target.height; ++row) {
    for (int column = 0; column < target.width; ++column) {
      const double x = m[0] * (column + 0.5) + m[1] * (row + 0.5) + m[2];
      const double y = m[3] * (column + 0.5) + m[4] * (row + 0.5) + m[5];
      // not a number is outside, too
      if (!(x >= 0.0 && x < source.width && y >= 0.0 && y < source.height)) continue;
      const Neighbours<kTaps> around(source, x, y);
      for (int channel = 0; channel < 3; ++channel) {
        std::array<double, kTaps> across{};
        for (std::size_t k = 0; k < across.size(); ++k) {
          const std::uint8_t* const values = source.row(channel, around.rows[k]);
          const auto value = [&](std::size_t i) {
            return static_cast<double>(values[around.columns[i]]);
          };
          if constexpr (kTaps == 2) {
            across[k] = linear(value(0), value(1), around.part_x);
          } else {
            across[k] = cubic(value(0), value(1), value(2), value(3), around.part_x);
          }
        }
        double result = 0.0;
        if constexpr (kTaps == 2) {
          result = linear(across[0], across[1], around.part_y);
        } else {
          result = cubic(across[0], across[1], across[2], across[3], around.part_y);
        }
        target.row(channel, row)[column] =
            static_cast<std::uint8_t>(std::clamp(result, 0.0, 255.0));
      }
    }
  }
}

void paint(const ByteImage& image, const std::array<std::uint8_t, 3>& colour) {
  for (int channel = 0; channel < 3; ++channel) {
    std::memset(image.plane(channel), colour[static_cast<std::size_t>(channel)],
                image.plane_bytes());
  }
}

// Quarters of a turn that Pillow makes without a matrix, counter-clockwise; -1 for none.
int quarter_turns(const Warp& options, const ByteImage& image) {
  if (options.center) return -1;
  double degrees = std::fmod(options.angle, 360.0);
  if (degrees < 0.0) degrees += 360.0;
  if (degrees == 0.0) return 0;
  if (degrees == 180.0) return 2;
  if (image.width != image.height) return -1;
  if (degrees == 90.0) return 1;
  return degrees == 270.0 ? 3 : -1;
}

void turn(const ByteImage& source, int quarters, const ByteImage& target) {
  const int right = source.width - 1;
  const int bottom = source.height - 1;
  for (int y = 0; y < target.height; ++y) {
    for (int x = 0; x < target.width; ++x) {
      std::size_t from = at(source, right - x, bottom - y);
      if (quarters == 0) from = at(source, x, y);
      if (quarters == 1) from = at(source, right - y, x);
      if (quarters == 3) from = at(source, y, bottom - x);
      copy_pixel(source, from, target, at(target, x, y));
    }
  }
}

}  // namespace

void transform_affine(const ByteImage& source, const AffineMatrix& matrix, Filter filter,
                      const ByteImage& target) {
  if (filter == Filter::kNearest) return affine_nearest(source, matrix, target);
  if (filter == Filter::kBilinear) return affine_smooth<2>(source, matrix, target);
  affine_smooth<4>(source, matrix, target);
}

void rotate(const ByteImage& source, const Warp& options, const ByteImage& target) {
  const int quarters = quarter_turns(options, source);
  if (quarters >= 0) return turn(source, quarters, target);
  paint(target, options.fill);
  transform_affine(source, rotation_matrix(options, source.width, source.height), options.filter,
                   target);
}

void affine(const ByteImage& source, const Warp& options, const ByteImage& target) {
  paint(target, options.fill);
  transform_affine(source, affine_matrix(options, source.width, source.height), options.filter,
                   target);
}

}  // namespace pixtok::transform
