#include "decode/webp/webp_file.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "decode/file_numbers.h"

namespace pixtok::decode {

namespace {

using core::Bytes;

constexpr std::size_t kRiffHeader = 12;
constexpr std::size_t kChunkHeader = 8;
constexpr std::size_t kExtendedHeader = 10;  // VP8X
constexpr std::size_t kAnimationHeader = 6;  // ANIM
constexpr std::size_t kFrameHeader = 16;     // ANMF
constexpr std::uint32_t kMostChunkBytes = UINT32_MAX - kChunkHeader - 1;
constexpr std::uint64_t kTooManyPixels = std::uint64_t{1} << 32;

// Of VP8X.
enum Flag : std::uint8_t {
  kAnimation = 0x02,
  kXmp = 0x04,
  kExif = 0x08,
  kAlpha = 0x10,
  kIcc = 0x20,
};
constexpr std::uint8_t kKnownFlags = kAnimation | kXmp | kExif | kAlpha | kIcc;

constexpr std::uint32_t name(const char (&text)[5]) {
  return static_cast<std::uint32_t>(static_cast<std::uint8_t>(text[0])) |
         static_cast<std::uint32_t>(static_cast<std::uint8_t>(text[1])) << 8 |
         static_cast<std::uint32_t>(static_cast<std::uint8_t>(text[2])) << 16 |
         static_cast<std::uint32_t>(static_cast<std::uint8_t>(text[3])) << 24;
}

constexpr std::uint32_t kLossy = name("VP8 ");
constexpr std::uint32_t kLossless = name("VP8L");
constexpr std::uint32_t kAlphaPlane = name("ALPH");

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
  Chunks(Bytes file, const WebpLibrary& library, WebpFile& webp)
      : file_(file), library_(library), webp_(webp) {}

  bool read() {
    const std::uint32_t first = little32(file_.data + at_);
    if (first == name("VP8X")) return read_extended();
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

  bool is_animation() const { return (flags_ & kAnimation) != 0; }

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
      case name("VP8X"):
        return false;
      case kAlphaPlane:
      case kLossy:
      case kLossless:
        at_ = start;
        return !is_animation() && !may_have_frames_ && read_single();
      case name("ANIM"):
        may_have_frames_ = true;
        if (header.size + (header.size & 1) < kAnimationHeader) return false;
        break;
      case name("ANMF"):
        return may_have_frames_ && read_frame(header.padded);
      case name("EXIF"):
        keep(header.size, kExif, webp_.exif);
        break;
      case name("XMP "):
        keep(header.size, kXmp, webp_.xmp);
        break;
      default:
        break;
    }
    at_ += header.padded;
    return true;
  }

  // The first such chunk, where the flags announce it. An empty one counts, too.
  void keep(std::size_t size, Flag flag, Bytes& contents) {
    if ((flags_ & flag) == 0 || (kept_ & flag) != 0) return;
    kept_ = static_cast<std::uint8_t>(kept_ | flag);
    contents = {here(), size};
  }

  bool read_single() {
    Frame frame;
    if (has_frame_ || !read_images(frame)) return false;
    if ((flags_ & kAlpha) == 0) frame.alpha = {};
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
        webp::Features features;
        if (library_.features(file_.data + part.at, part.size, &features, webp::kInterface) !=
            webp::kOk) {
          return false;
        }
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
    const auto [image, alpha] = std::pair(frame.image, frame.alpha);
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
    return static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(height) >= kTooManyPixels;
  }

  const Bytes file_;
  const WebpLibrary& library_;
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

bool read_webp_file(Bytes file, const WebpLibrary& library, WebpFile& webp) {
  webp = {};
  const std::uint64_t declared = declared_webp_bytes(file);
  if (declared < kRiffHeader + kChunkHeader || declared > kMostChunkBytes + kChunkHeader ||
      declared > file.size) {
    return false;
  }
  const Bytes whole{file.data, static_cast<std::size_t>(declared)};
  webp::Features features;
  if (library.features(whole.data, whole.size, &features, webp::kInterface) != webp::kOk) {
    return false;
  }
  webp.has_alpha = features.has_alpha != 0;
  return Chunks(whole, library, webp).read();
}

}  // namespace pixtok::decode
