#if defined(__x86_64__)

#include <immintrin.h>

#include <cstddef>

#include "kernels/float_resize/float_resize_kernels.h"
#include "kernels/target_region.h"

PIXTOK_BEGIN_TARGET("avx2,fma")

namespace pixtok::kernels {

namespace {

constexpr int kFloats = 8;
// Vectors of a column whose sums are made side by side: one waits for its last addition.
constexpr int kBeside = 4;

inline float fused_multiply_add(float a, float b, float c) {
  return _mm_cvtss_f32(_mm_fmadd_ss(_mm_set_ss(a), _mm_set_ss(b), _mm_set_ss(c)));
}

void resample_row_fma(const float* source, const FloatTaps& taps, int width, float* out) {
  const float* weights = taps.weights;
  for (int x = 0; x < width; ++x, weights += taps.most) {
    const float* values = source + taps.first[x];
    const int count = taps.count[x];
    const int fused = first_fused_tap(count);
    float sum = values[0] * weights[0];
    for (int k = 1; k < fused; ++k) sum += values[k] * weights[k];
    for (int k = fused; k < count; ++k) sum = fused_multiply_add(values[k], weights[k], sum);
    out[x] = sum;
  }
}

// Columns `x` and those after it, `kVectors` vectors of them.
template <int kVectors>
inline void sum_columns(const float* source, int width, const float* weights, int count, int fused,
                        float* out) {
  __m256 sums[kVectors];
  const __m256 first = _mm256_set1_ps(weights[0]);
  for (int v = 0; v < kVectors; ++v) {
    sums[v] = _mm256_mul_ps(_mm256_loadu_ps(source + v * kFloats), first);
  }
  for (int k = 1; k < count; ++k) {
    source += width;
    const __m256 weight = _mm256_set1_ps(weights[k]);
    for (int v = 0; v < kVectors; ++v) {
      const __m256 values = _mm256_loadu_ps(source + v * kFloats);
      sums[v] = k < fused ? _mm256_add_ps(sums[v], _mm256_mul_ps(values, weight))
                          : _mm256_fmadd_ps(values, weight, sums[v]);
    }
  }
  for (int v = 0; v < kVectors; ++v) _mm256_storeu_ps(out + v * kFloats, sums[v]);
}

void resample_columns_fma(const float* source, int width, const float* weights, int count,
                          float* out) {
  const int fused = first_fused_tap(count);
  int x = 0;
  for (; x + kBeside * kFloats <= width; x += kBeside * kFloats) {
    sum_columns<kBeside>(source + x, width, weights, count, fused, out + x);
  }
  for (; x + kFloats <= width; x += kFloats) {
    sum_columns<1>(source + x, width, weights, count, fused, out + x);
  }
  for (; x < width; ++x) {
    const float* values = source + x;
    float sum = values[0] * weights[0];
    for (int k = 1; k < count; ++k) {
      values += width;
      sum =
          k < fused ? sum + values[0] * weights[k] : fused_multiply_add(values[0], weights[k], sum);
    }
    out[x] = sum;
  }
}

// Eight output positions: the source positions are gathered from both rows.
struct Gathered {
  __m256 left;
  __m256 right;
  __m256 upper_first;
  __m256 upper_second;
  __m256 lower_first;
  __m256 lower_second;
};

inline Gathered gather(const float* upper, const float* lower, const FloatPairs& across, int x) {
  const __m256i first = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(across.first + x));
  const __m256i second = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(across.second + x));
  return {_mm256_loadu_ps(across.first_weight + x), _mm256_loadu_ps(across.second_weight + x),
          _mm256_i32gather_ps(upper, first, 4),     _mm256_i32gather_ps(upper, second, 4),
          _mm256_i32gather_ps(lower, first, 4),     _mm256_i32gather_ps(lower, second, 4)};
}

// The last positions, too few for a vector.
inline FloatPairs pairs_from(const FloatPairs& across, int x) {
  return {across.first + x, across.second + x, across.first_weight + x, across.second_weight + x};
}

void interpolate_row_fma(const float* upper, const float* lower, const FloatPairs& across, float up,
                         float low, int width, float* out) {
  int x = 0;
  for (; x + kFloats <= width; x += kFloats) {
    const Gathered at = gather(upper, lower, across, x);
    const __m256 above =
        _mm256_fmadd_ps(at.upper_first, at.left, _mm256_mul_ps(at.upper_second, at.right));
    const __m256 below =
        _mm256_fmadd_ps(at.lower_first, at.left, _mm256_mul_ps(at.lower_second, at.right));
    _mm256_storeu_ps(out + x, _mm256_fmadd_ps(above, _mm256_set1_ps(up),
                                              _mm256_mul_ps(below, _mm256_set1_ps(low))));
  }
  kScalarFloatResize.interpolate_row(upper, lower, pairs_from(across, x), up, low, width - x,
                                     out + x);
}

void interpolate_small_row_fma(const float* upper, const float* lower, const FloatPairs& across,
                               float up, float low, int width, float* out) {
  const __m256 ups = _mm256_set1_ps(up);
  const __m256 lows = _mm256_set1_ps(low);
  int x = 0;
  for (; x + kFloats <= width; x += kFloats) {
    const Gathered at = gather(upper, lower, across, x);
    __m256 sum = _mm256_mul_ps(_mm256_mul_ps(ups, at.right), at.upper_second);
    sum = _mm256_fmadd_ps(_mm256_mul_ps(ups, at.left), at.upper_first, sum);
    sum = _mm256_fmadd_ps(_mm256_mul_ps(lows, at.left), at.lower_first, sum);
    sum = _mm256_fmadd_ps(_mm256_mul_ps(lows, at.right), at.lower_second, sum);
    _mm256_storeu_ps(out + x, sum);
  }
  kScalarFloatResize.interpolate_small_row(upper, lower, pairs_from(across, x), up, low, width - x,
                                           out + x);
}

// The sums of `kVectors` vectors side by side.
template <int kVectors>
inline void convolve(const float* source, std::ptrdiff_t stride, const FloatWindow& window,
                     float* out) {
  __m256 sums[kVectors];
  for (int v = 0; v < kVectors; ++v) sums[v] = _mm256_setzero_ps();
  const float* weight = window.weights;
  for (int y = 0; y < window.height; ++y, source += stride) {
    for (int k = 0; k < window.width; ++k, ++weight) {
      const __m256 weights = _mm256_set1_ps(*weight);
      for (int v = 0; v < kVectors; ++v) {
        sums[v] = _mm256_fmadd_ps(_mm256_loadu_ps(source + k + v * kFloats), weights, sums[v]);
      }
    }
  }
  for (int v = 0; v < kVectors; ++v) _mm256_storeu_ps(out + v * kFloats, sums[v]);
}

void convolve_row_fma(const float* source, std::ptrdiff_t stride, const FloatWindow& window,
                      int width, float* out) {
  int x = 0;
  for (; x + kBeside * kFloats <= width; x += kBeside * kFloats) {
    convolve<kBeside>(source + x, stride, window, out + x);
  }
  for (; x + kFloats <= width; x += kFloats) convolve<1>(source + x, stride, window, out + x);
  kScalarFloatResize.convolve_row(source + x, stride, window, width - x, out + x);
}

}  // namespace

}  // namespace pixtok::kernels

PIXTOK_END_TARGET

namespace pixtok::kernels {

const FloatResizeKernels kAvx2FloatResize = {
    resample_row_fma,          resample_columns_fma, interpolate_row_fma,
    interpolate_small_row_fma, convolve_row_fma,
};

}  // namespace pixtok::kernels

#endif
