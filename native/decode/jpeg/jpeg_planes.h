#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/aligned_buffer.h"
#include "core/pixel_view.h"

namespace pixtok::decode {

// False where libjpeg repeats chroma because it is too narrow to be interpolated. Precondition: a
// planar format.
bool is_given_as_planes(core::PixelFormat format, int width);

// Memory of the planes of one image at a time, with what PixelView says is readable around rows.
class JpegPlanes {
 public:
  // For whole units of a scan: rows are written to a multiple of 16 pixels, and so many are
  // written. Precondition: a planar format; kPlanarRgb is grey, with one plane. Throws
  // std::bad_alloc.
  void reserve(core::PixelFormat format, int width, int height);

  std::uint8_t* plane(std::size_t component) { return planes_[component]; }
  std::size_t stride(std::size_t component) const { return strides_[component]; }

  core::PixelView view() const;

  void trim(std::size_t keep_at_most) { memory_.trim(keep_at_most); }

 private:
  core::ScratchBuffer memory_;
  core::PixelFormat format_ = core::PixelFormat::kPlanarRgb;
  int width_ = 0;
  int height_ = 0;
  std::array<std::uint8_t*, 3> planes_{};
  std::array<std::size_t, 3> strides_{};
};

}  // namespace pixtok::decode
