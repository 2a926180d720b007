#include "decode/webp/webp_file.h"

#include <cstddef>
#include <cstdint>

#include "decode/exif.h"
#include "decode/file_numbers.h"
#include "decode/image_fault.h"
#include "decode/webp/webp_chunks.h"
#include "decode/webp/webp_features.h"

namespace pixtok::decode {

namespace {

using core::Bytes;

constexpr std::size_t kAnimationHeader = 6;  // ANIM
constexpr std::size_t kFrameHeader = 16;     // ANMF
constexpr std::uint8_t kKnownFlags = kAnimationFlag | kXmpFlag | kExifFlag | kAlphaFlag | kIccFlag;

int little24(const std::uint8_t* at) {
  return static_cast<int>(little16(at) | static_cast<std::uint32_t>(at[2]) << 16);
}

// Where in the file; a size of 0: there is none.
struct Part {
  std::size_t at = 0;
  std::size_t size = 0;
};

// The chunks of an image, and its place on the canvas.
struct Frame {
  Part image;
  Part alpha;
  int left = 0;
  int top = 0;
  int width = 0;
  int height = 0;
};

// Goes through the chunks. Whatever it reads it first compares with the end.
class Chunks {
 public:
  // Precondition: the size that the file declares is that of `file`.
  Chunks(Bytes file, WebpFile& webp) : file_(file), webp_(webp) {}

  bool read() {
    const std::uint32_t first = little32(file_.data + at_);
    if (first == kExtended) return read_extended();
    return (first == kLossy || first == kLossless) && read_single();
  }

 private:
  std::size_t left() const { return file_.size - at_; }
  const std::uint8_t* here() const { return file_.data + at_; }

  // The header of a chunk, whose contents, filled up to an even size, are there. Precondition:
  // kChunkHeader bytes are there.
  struct Header {
    std::uint32_t name;
    std::size_t size;
    std::size_t padded;
  };
  bool read_header(Header& header) {
    const std::uint32_t size = little32(here() + 4);
    header = {little32(here()), size, std::size_t{size} + (size & 1)};
    at_ += kChunkHeader;
    return size <= kMostChunkBytes && header.padded <= left();
  }

  bool is_animation() const { return (flags_ & kAnimationFlag) != 0; }

  bool read_extended() {
    Header header;
    if (!read_header(header) || header.size < kExtendedHeader) return false;
    flags_ = here()[0];
    webp_.width = 1 + little24(here() + 4);
    webp_.height = 1 + little24(here() + 7);
    if ((flags_ & ~kKnownFlags) != 0 || is_too_large(webp_.width, webp_.height)) return false;
    at_ += header.padded;
    is_extended_ = true;
    do {
      if (left() < kChunkHeader || !read_chunk()) return false;
    } while (left() > 0);
    return has_frame_;
  }

  bool read_chunk() {
    const std::size_t start = at_;
    Header header;
    if (!read_header(header)) return false;
    switch (header.name) {
      case kExtended:
        return false;
      case kAlphaPlane:
      case kLossy:
      case kLossless:
        at_ = start;
        return !is_animation() && !may_have_frames_ && read_single();
      case chunk_name("ANIM"):
        may_have_frames_ = true;
        if (header.size + (header.size & 1) < kAnimationHeader) return false;
        break;
      case chunk_name("ANMF"):
        return may_have_frames_ && read_frame(header.padded);
      case chunk_name("EXIF"):
        keep(header.size, kExifFlag, webp_.exif);
        break;
      case chunk_name("XMP "):
        keep(header.size, kXmpFlag, webp_.xmp);
        break;
      default:
        break;
    }
    at_ += header.padded;
    return true;
  }

  // The first such chunk, where the flags announce it. An empty one counts, too.
  void keep(std::size_t size, WebpFlag flag, Bytes& contents) {
    if ((flags_ & flag) == 0 || (kept_ & flag) != 0) return;
    kept_ = static_cast<std::uint8_t>(kept_ | flag);
    contents = {here(), size};
  }

  bool read_single() {
    Frame frame;
    if (has_frame_ || !read_images(frame)) return false;
    if ((flags_ & kAlphaFlag) == 0) frame.alpha = {};
    if (!is_extended_) {
      webp_.width = frame.width;
      webp_.height = frame.height;
    }
    return add(frame);
  }

  // ANMF. A frame without an image is passed over, and what is in it read as if it were not.
  bool read_frame(std::size_t size) {
    if (size < kFrameHeader) return false;
    Frame frame;
    frame.left = 2 * little24(here());
    frame.top = 2 * little24(here() + 3);
    if (is_too_large(1 + little24(here() + 6), 1 + little24(here() + 9))) return false;
    at_ += kFrameHeader;
    const std::size_t start = at_;
    if (!read_images(frame) || at_ - start > size - kFrameHeader) return false;
    const bool is_empty = frame.image.size == 0 && frame.alpha.size == 0;
    return !is_animation() || is_empty || add(frame);
  }

  // One chunk of alpha and one of an image, in any order, up to another chunk or the end.
  bool read_images(Frame& frame) {
    do {
      if (left() < kChunkHeader) return false;
      const std::size_t start = at_;
      Header header;
      if (!read_header(header)) return false;
      const Part part{start, kChunkHeader + header.padded};
      const bool is_image = header.name == kLossy || header.name == kLossless;
      if (header.name == kLossless && frame.alpha.size > 0) return false;
      if (is_image && frame.image.size == 0) {
        WebpFeatures features;
        if (!read_webp_image({file_.data + part.at, part.size}, features)) return false;
        frame.image = part;
        frame.width = features.width;
        frame.height = features.height;
      } else if (header.name == kAlphaPlane && frame.alpha.size == 0) {
        frame.alpha = part;
      } else {
        at_ = start;
        return true;
      }
      at_ += header.padded;
    } while (left() > 0);
    return true;
  }

  bool add(const Frame& frame) {
    const Part& image = frame.image;
    const Part& alpha = frame.alpha;
    if (image.size == 0 || (alpha.size > 0 && alpha.at > image.at) || !fits(frame)) return false;
    if (has_frame_) return true;
    has_frame_ = true;
    const std::size_t start = alpha.size > 0 ? alpha.at : image.at;
    webp_.frame = {file_.data + start, image.at + image.size - start};
    webp_.left = frame.left;
    webp_.top = frame.top;
    webp_.frame_width = frame.width;
    webp_.frame_height = frame.height;
    return true;
  }

  bool fits(const Frame& frame) const {
    if (!is_animation()) return frame.width == webp_.width && frame.height == webp_.height;
    return frame.left + frame.width <= webp_.width && frame.top + frame.height <= webp_.height;
  }

  static bool is_too_large(int width, int height) {
    return static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(height) >=
           kTooManyWebpPixels;
  }

  const Bytes file_;
  WebpFile& webp_;
  std::size_t at_ = kRiffHeader;
  std::uint8_t flags_ = 0;
  std::uint8_t kept_ = 0;
  bool is_extended_ = false;
  bool may_have_frames_ = false;
  bool has_frame_ = false;
};

}  // namespace

std::uint64_t declared_webp_bytes(Bytes start) {
  return std::uint64_t{little32(start.data + 4)} + kChunkHeader;
}

core::Status read_webp_file(Bytes file, WebpFile& webp) {
  webp = {};
  const std::uint64_t declared = declared_webp_bytes(file);
  if (declared < kRiffHeader + kChunkHeader ||
      declared > std::uint64_t{kMostChunkBytes} + kChunkHeader || declared > file.size) {
    return webp_fault(file);
  }
  const Bytes whole{file.data, static_cast<std::size_t>(declared)};
  const bool is_whole = read_webp_alpha(whole, webp.has_alpha) && Chunks(whole, webp).read();
  return is_whole ? core::Status::success() : webp_fault(file);
}

int webp_orientation(const WebpFile& webp) {
  return exif_orientation(without_exif_prefix(webp.exif), webp.xmp);
}

core::Status webp_fault(Bytes file) {
  return declared_webp_bytes(file) > file.size ? truncated("it ends early")
                                               : corrupt("its pixels cannot be decoded");
}

}  // namespace pixtok::decode
