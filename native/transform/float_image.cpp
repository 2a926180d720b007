#include "transform/float_image.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "kernels/float_resize/float_resize_kernels.h"
#include "transform/axis_taps.h"
#include "transform/gaussian_window.h"
#include "transform/resampler.h"

namespace pixtok::transform {

namespace {

using kernels::FloatResizeKernels;

constexpr int kPlanes = 3;

FloatImage image_of(int width, int height) {
  FloatImage image{width, height, {}};
  image.values.resize(static_cast<std::size_t>(kPlanes) * width * height);
  return image;
}

FloatImage antialiased(const float* planes, int width, int height, FloatFilter filter, int to_width,
                       int to_height, const FloatResizeKernels& kernels) {
  FloatImage wide = image_of(to_width, height);
  if (to_width == width) {
    std::memcpy(wide.values.data(), planes, wide.values.size() * sizeof(float));
  } else {
    const FloatAxisTaps taps = antialiased_taps(filter, width, to_width);
    for (int row = 0; row < kPlanes * height; ++row) {
      kernels.resample_row(planes + static_cast<std::size_t>(row) * width, taps.view(), to_width,
                           wide.values.data() + static_cast<std::size_t>(row) * to_width);
    }
  }
  if (to_height == height) return wide;
  const FloatAxisTaps taps = antialiased_taps(filter, height, to_height);
  FloatImage result = image_of(to_width, to_height);
  for (int plane = 0; plane < kPlanes; ++plane) {
    for (int y = 0; y < to_height; ++y) {
      // of an image that is one pixel wide torch makes every row as the first
      const int like = to_width == 1 ? 0 : y;
      const std::size_t from = static_cast<std::size_t>(plane) * height + taps.first[like];
      const std::size_t to = static_cast<std::size_t>(plane) * to_height + y;
      kernels.resample_columns(wide.values.data() + from * to_width, to_width,
                               taps.weights_of(like), taps.count[like],
                               result.values.data() + to * to_width);
    }
  }
  return result;
}

// `row_of(plane, y)` is a row of the source; those of two positions that follow each other are
// there at once.
template <typename RowOf>
FloatImage bilinear(RowOf&& row_of, int width, int height, bool corner_to_corner, int to_width,
                    int to_height, const FloatResizeKernels& kernels) {
  const bool is_small = is_small_to_torch(to_width, to_height);
  const FloatAxisPairs across = bilinear_pairs(corner_to_corner, is_small, width, to_width);
  const FloatAxisPairs down = bilinear_pairs(corner_to_corner, is_small, height, to_height);
  FloatImage result = image_of(to_width, to_height);
  float* out = result.values.data();
  for (int plane = 0; plane < kPlanes; ++plane) {
    for (int y = 0; y < to_height; ++y) {
      const float* upper = row_of(plane, down.first[y]);
      const float* lower = row_of(plane, down.second[y]);
      const auto interpolate = is_small ? kernels.interpolate_small_row : kernels.interpolate_row;
      interpolate(upper, lower, across.view(), down.first_weight[y], down.second_weight[y],
                  to_width, out);
      out += to_width;
    }
  }
  return result;
}

FloatImage nearest(const float* planes, int width, int height, int to_width, int to_height) {
  const bool is_small = is_small_to_torch(to_width, to_height);
  std::vector<int> columns;
  std::vector<int> rows;
  nearest_positions(AxisResize::whole(width, to_width), Resampler::kTorch, is_small, columns);
  nearest_positions(AxisResize::whole(height, to_height), Resampler::kTorch, is_small, rows);
  FloatImage result = image_of(to_width, to_height);
  float* out = result.values.data();
  for (int plane = 0; plane < kPlanes; ++plane) {
    for (const int y : rows) {
      const float* row = planes + (static_cast<std::size_t>(plane) * height + y) * width;
      for (const int x : columns) *out++ = row[x];
    }
  }
  return result;
}

// The position within 0 and size - 1 that a position outside mirrors.
int mirrored(int position, int size, bool repeats_edge) {
  const int period = repeats_edge ? 2 * size : 2 * size - 2;
  if (period == 0) return 0;
  const int within = (position % period + period) % period;
  return within < size ? within : period - within - (repeats_edge ? 1 : 0);
}

// The end of what was written to `out`.
float* mirror_plane(const float* plane, int width, int height, const MirroredEdges& edges,
                    float* out) {
  for (int y = -edges.top; y < height + edges.bottom; ++y) {
    const std::size_t from = mirrored(y, height, edges.repeats_edge);
    const float* row = plane + from * width;
    for (int x = -edges.left; x < 0; ++x) *out++ = row[mirrored(x, width, edges.repeats_edge)];
    out = std::copy(row, row + width, out);
    for (int x = width; x < width + edges.right; ++x) {
      *out++ = row[mirrored(x, width, edges.repeats_edge)];
    }
  }
  return out;
}

// Rows of an image after a filter, each made when it is asked for: of a large image few are. Two
// that follow each other are held.
class FilteredRows {
 public:
  FilteredRows(const float* planes, int width, int height, GaussianWindow window,
               const FloatResizeKernels& kernels)
      : planes_(planes),
        width_(width),
        height_(height),
        window_(std::move(window)),
        edges_{window_.width / 2, window_.height / 2, window_.width / 2, window_.height / 2, false},
        stride_(width + edges_.left + edges_.right),
        kernels_(kernels),
        mirrored_(static_cast<std::size_t>(stride_) * (height + edges_.top + edges_.bottom)),
        rows_{std::vector<float>(width), std::vector<float>(width)} {}

  const float* operator()(int plane, int y) {
    if (plane != plane_) {
      const std::size_t values = static_cast<std::size_t>(width_) * height_;
      mirror_plane(planes_ + plane * values, width_, height_, edges_, mirrored_.data());
      plane_ = plane;
      held_ = {-1, -1};
    }
    const int slot = y % 2;
    float* row = rows_[slot].data();
    if (held_[slot] != y) {
      kernels_.convolve_row(mirrored_.data() + static_cast<std::size_t>(y) * stride_, stride_,
                            window_.view(), width_, row);
      held_[slot] = y;
    }
    return row;
  }

 private:
  const float* planes_;
  int width_;
  int height_;
  GaussianWindow window_;
  MirroredEdges edges_;
  int stride_;
  const FloatResizeKernels& kernels_;
  std::vector<float> mirrored_;
  std::array<std::vector<float>, 2> rows_;
  int plane_ = -1;
  std::array<int, 2> held_ = {-1, -1};
};

FloatImage bilinear_of_planes(const float* planes, int width, int height, bool corner_to_corner,
                              int to_width, int to_height, const FloatResizeKernels& kernels) {
  const auto row_of = [=](int plane, int y) {
    return planes + (static_cast<std::size_t>(plane) * height + y) * width;
  };
  return bilinear(row_of, width, height, corner_to_corner, to_width, to_height, kernels);
}

FloatImage blurred_bilinear(const float* planes, int width, int height, int to_width, int to_height,
                            const FloatResizeKernels& kernels) {
  std::optional<GaussianWindow> window = shrinking_window(width, height, to_width, to_height);
  if (!window) {
    return bilinear_of_planes(planes, width, height, false, to_width, to_height, kernels);
  }
  return bilinear(FilteredRows(planes, width, height, std::move(*window), kernels), width, height,
                  false, to_width, to_height, kernels);
}

}  // namespace

FloatImage mirror(const float* planes, int width, int height, const MirroredEdges& edges) {
  FloatImage result = image_of(edges.left + width + edges.right, edges.top + height + edges.bottom);
  float* out = result.values.data();
  for (int plane = 0; plane < kPlanes; ++plane) {
    const std::size_t from = static_cast<std::size_t>(plane) * height * width;
    out = mirror_plane(planes + from, width, height, edges, out);
  }
  return result;
}

FloatImage resize_floats(const float* planes, int width, int height, FloatFilter filter,
                         int to_width, int to_height, const FloatResizeKernels& kernels) {
  switch (filter) {
    case FloatFilter::kNearest:
      return nearest(planes, width, height, to_width, to_height);
    case FloatFilter::kBilinear:
      return bilinear_of_planes(planes, width, height, false, to_width, to_height, kernels);
    case FloatFilter::kBilinearCornerToCorner:
      return bilinear_of_planes(planes, width, height, true, to_width, to_height, kernels);
    case FloatFilter::kBlurredBilinear:
      return blurred_bilinear(planes, width, height, to_width, to_height, kernels);
    case FloatFilter::kAntialiasedBilinear:
    case FloatFilter::kAntialiasedBicubic:
      break;
  }
  return antialiased(planes, width, height, filter, to_width, to_height, kernels);
}

void normalize_floats(FloatImage& image, const std::array<double, 3>& mean,
                      const std::array<double, 3>& std) {
  const std::size_t plane = image.values.size() / kPlanes;
  for (std::size_t channel = 0; channel < kPlanes; ++channel) {
    const auto subtrahend = static_cast<float>(mean[channel]);
    const auto divisor = static_cast<float>(std[channel]);
    float* values = image.values.data() + channel * plane;
    for (std::size_t i = 0; i < plane; ++i) values[i] = (values[i] - subtrahend) / divisor;
  }
}

}  // namespace pixtok::transform
