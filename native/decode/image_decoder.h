#pragma once

#include <cstddef>
#include <cstdint>

#include "core/bytes.h"
#include "core/pixel_view.h"
#include "core/status.h"

namespace pixtok::decode {

// In pixels, as they are stored.
struct ImageSize {
  int width = 0;
  int height = 0;
};

// Files of one format to pixels, for one thread, in memory that is used again.
class ImageDecoder {
 public:
  virtual ~ImageDecoder() = default;

  // Whether a file is of the format, by its first kSignatureBytes, or by all of them where it has
  // fewer.
  virtual bool reads(core::Bytes start) const = 0;

  // How many bytes are read of a file that begins so. What is behind them is not the image; more
  // are known of a longer start.
  virtual std::uint64_t most_bytes(core::Bytes start, std::int64_t max_pixels) const = 0;

  // Reads what is in front of the pixels, and takes no memory for these. The file must stay where
  // it is as long as its pixels are used.
  virtual core::Status open(core::Bytes file, ImageSize& size) = 0;

  // EXIF's, 1 to 8. Precondition: open() has succeeded.
  virtual int orientation() const = 0;

  // `pixels` stays valid until the next call. With a `shrink` of 2, 4 or 8 an image may have that
  // part of its size, rounded up, where that is less work. Fails where Pillow does. kDeclined where
  // another decoder has to read the file. Throws std::bad_alloc. Precondition: open() has
  // succeeded.
  virtual core::Status decode(int shrink, core::PixelView& pixels) = 0;

  // What is decoded is not used any more, and no more memory is kept than so many bytes of each
  // kind.
  virtual void trim(std::size_t keep_at_most) = 0;
};

}  // namespace pixtok::decode
