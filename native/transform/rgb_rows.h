#pragma once

#include <cstddef>
#include <cstdint>

#include "core/aligned_buffer.h"
#include "core/pixel_view.h"

namespace pixtok::transform {

// Rows of RGB, every one of them readable for core::kTailPadding bytes past its end.
class RgbRows {
 public:
  // Copies only what has to be: pixels that are not RGB, converted as Pillow's convert("RGB") does,
  // or the last rows of memory that ends with the picture. Throws std::bad_alloc. `scratch` must
  // outlive the rows.
  RgbRows(const core::PixelView& view, core::ScratchBuffer& scratch);

  // The rows of a part of the picture. Precondition: the part lies inside.
  RgbRows cropped(int left, int top, int width, int height) const {
    RgbRows part = *this;
    part.width_ = width;
    part.height_ = height;
    part.top_ += top;
    part.left_bytes_ += 3 * static_cast<std::size_t>(left);
    return part;
  }

  int width() const { return width_; }
  int height() const { return height_; }

  const std::uint8_t* row(int y) const {
    const int at = y + top_;
    const std::uint8_t* start =
        at < staged_from_ ? data_ + at * stride_ : staged_ + (at - staged_from_) * stride_;
    return start + left_bytes_;
  }

 private:
  int width_;
  int height_;
  int top_ = 0;
  std::size_t left_bytes_ = 0;
  std::size_t stride_;
  const std::uint8_t* data_;
  const std::uint8_t* staged_ = nullptr;
  int staged_from_;  // rows of the whole picture from here on are in staged_
};

}  // namespace pixtok::transform
