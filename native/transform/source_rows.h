#pragma once

#include <cstddef>
#include <cstdint>

#include "core/aligned_buffer.h"
#include "core/pixel_view.h"
#include "kernels/kernel_table.h"

namespace pixtok::transform {

// Memory of one thread for reading rows, used again for every image.
struct SourceScratch {
  core::ScratchBuffer chroma;   // a row of Cb and one of Cr at full resolution
  core::ScratchBuffer guarded;  // a row of an image that ends with its memory
  core::ScratchBuffer shifted;  // planes of a row that is read from a pixel further left

  void trim(std::size_t keep_at_most);
};

// Rows of an image of any format as red, green and blue planes, converted one at a time as
// Pillow's convert("RGB") or libjpeg does.
class SourceRows {
 public:
  // The arguments must outlive the object; rows of one scratch are read by one thread.
  SourceRows(const core::PixelView& view, const kernels::KernelTable& kernels,
             SourceScratch& scratch)
      : view_(view),
        kernels_(kernels),
        scratch_(scratch),
        width_(view.width),
        height_(view.height) {}

  // The rows of a part of the image. Precondition: the part lies inside.
  SourceRows cropped(int left, int top, int width, int height) const {
    SourceRows part = *this;
    part.width_ = width;
    part.height_ = height;
    part.left_ += left;
    part.top_ += top;
    return part;
  }

  int width() const { return width_; }
  int height() const { return height_; }

  // Columns [begin, end) of row y. `planes` start at multiples of core::kAlignment and are writable
  // up to the next one past their end. Throws std::bad_alloc.
  void read(int y, int begin, int end, std::uint8_t* const* planes) const;

 private:
  void read_packed(int y, int begin, int end, std::uint8_t* const* planes) const;
  void read_rgb(const std::uint8_t* pixels, int width, std::uint8_t* const* planes) const;
  void read_ycc(int y, int begin, int end, std::uint8_t* const* planes) const;
  const std::uint8_t* chroma_row(int component, int y, int begin, int end) const;

  const core::PixelView& view_;
  const kernels::KernelTable& kernels_;
  SourceScratch& scratch_;
  int width_;
  int height_;
  int left_ = 0;
  int top_ = 0;
};

// A whole image as red, green and blue planes in `target`. Throws std::bad_alloc.
core::PixelView to_planar_rgb(const core::PixelView& view, const kernels::KernelTable& kernels,
                              SourceScratch& scratch, core::ScratchBuffer& target);

}  // namespace pixtok::transform
