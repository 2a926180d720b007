#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/aligned_buffer.h"
#include "core/pixel_view.h"

namespace pixtok::transform {

// Rows of RGB, every one of them readable for core::kTailPadding bytes past its end.
class RgbRows {
 public:
  // Copies only what has to be: pixels that are not RGB (grey replicated, alpha dropped), or the
  // last rows of memory that ends with the picture. `scratch` must outlive the rows.
  RgbRows(const core::PixelView& view, core::ScratchBuffer& scratch)
      : width_(view.width),
        height_(view.height),
        stride_(3 * static_cast<std::size_t>(view.width)) {
    if (view.channels != 3) {
      data_ = convert(view, scratch);
      staged_from_ = height_;
      return;
    }
    data_ = view.data;
    staged_from_ = height_;
    if (!view.padded) {
      const std::size_t rows = core::kTailPadding / stride_ + 1;
      staged_from_ = height_ - static_cast<int>(std::min<std::size_t>(rows, height_));
      const std::size_t bytes = (height_ - staged_from_) * stride_;
      staged_ = scratch.reserve(bytes);
      std::memcpy(scratch.data(), data_ + staged_from_ * stride_, bytes);
    }
  }

  int width() const { return width_; }
  int height() const { return height_; }

  const std::uint8_t* row(int y) const {
    return y < staged_from_ ? data_ + y * stride_ : staged_ + (y - staged_from_) * stride_;
  }

 private:
  static const std::uint8_t* convert(const core::PixelView& view, core::ScratchBuffer& scratch) {
    const std::size_t pixels =
        static_cast<std::size_t>(view.width) * static_cast<std::size_t>(view.height);
    std::uint8_t* target = scratch.reserve(3 * pixels);
    const std::uint8_t* source = view.data;
    const int green = view.channels < 3 ? 0 : 1;
    const int blue = view.channels < 3 ? 0 : 2;
    for (std::size_t i = 0; i < pixels; ++i, source += view.channels) {
      target[3 * i] = source[0];
      target[3 * i + 1] = source[green];
      target[3 * i + 2] = source[blue];
    }
    return target;
  }

  int width_;
  int height_;
  std::size_t stride_;
  const std::uint8_t* data_ = nullptr;
  const std::uint8_t* staged_ = nullptr;
  int staged_from_ = 0;  // rows from here on are in staged_
};

}  // namespace pixtok::transform
