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

  int width() const { return width_; }
  int height() const { return height_; }

  const std::uint8_t* row(int y) const {
    return y < staged_from_ ? data_ + y * stride_ : staged_ + (y - staged_from_) * stride_;
  }

 private:
  int width_;
  int height_;
  std::size_t stride_;
  const std::uint8_t* data_;
  const std::uint8_t* staged_ = nullptr;
  int staged_from_;  // rows from here on are in staged_
};

}  // namespace pixtok::transform
