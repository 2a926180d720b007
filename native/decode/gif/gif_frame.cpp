#include "decode/gif/gif_frame.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "decode/file_numbers.h"
#include "decode/image_fault.h"

namespace pixtok::decode {

namespace {

using core::Bytes;
using core::Status;

// GIF89a specification, sections 18 to 26.
constexpr std::size_t kScreenBytes = 13;
constexpr std::size_t kDescriptorBytes = 9;
constexpr std::uint8_t kExtension = 0x21;
constexpr std::uint8_t kImageDescriptor = 0x2C;
constexpr std::uint8_t kTrailer = 0x3B;
constexpr std::uint8_t kGraphicControl = 0xF9;
constexpr std::uint8_t kComment = 0xFE;
constexpr std::uint8_t kApplication = 0xFF;
constexpr char kNetscape[] = "NETSCAPE2.0";

Status ends_early() { return truncated("it ends early"); }

int number(const std::uint8_t* low) { return static_cast<int>(little16(low)); }

// A file, from its start to its end.
class Reading {
 public:
  explicit Reading(Bytes file) : file_(file) {}

  std::size_t at() const { return at_; }

  // The next `count` bytes, or those that are left.
  Bytes take(std::size_t count) {
    const Bytes taken{file_.data + at_, std::min(count, file_.size - at_)};
    at_ += taken.size;
    return taken;
  }

  // The contents of the next sub-block: nothing of the one that ends them, and at the end.
  Bytes take_block() {
    const Bytes length = take(1);
    return length.empty() ? length : take(length.data[0]);
  }

 private:
  Bytes file_;
  std::size_t at_ = 0;
};

// Red, green and blue, one after the other; nothing where there are none, or they are levels of
// grey.
Bytes read_palette(Reading& reading, int flags) {
  if ((flags & 0x80) == 0) return {};
  const Bytes colours = reading.take(std::size_t{3} << ((flags & 7) + 1));
  for (std::size_t i = 0; i < colours.size; ++i) {
    if (colours.data[i] != i / 3) return colours;
  }
  return {};
}

// All sub-blocks behind the first one. Pillow looks for their end even where the first was it,
// except in a comment.
void pass_over(Reading& reading, std::uint8_t label, Bytes first) {
  if (label == kComment && first.empty()) return;
  constexpr std::size_t kNameBytes = sizeof kNetscape - 1;
  if (label == kApplication && first.size >= kNameBytes &&
      std::memcmp(first.data, kNetscape, kNameBytes) == 0) {
    (void)reading.take_block();
  }
  while (!reading.take_block().empty()) {
  }
}

// Of a graphic control extension. The delay is not used, but has to be there.
Status read_transparency(Bytes block, std::optional<std::uint8_t>& transparent) {
  if (block.size < 3) return ends_early();
  if ((block.data[0] & 1) == 0) return Status::success();
  if (block.size < 4) return ends_early();
  transparent = block.data[3];
  return Status::success();
}

core::Palette palette_of(Bytes colours, std::optional<std::uint8_t> transparent) {
  core::Palette palette{};
  for (std::size_t i = 0; i < palette.size(); ++i) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const std::size_t at = 3 * i + channel;
      const std::uint8_t missing = colours.empty() ? static_cast<std::uint8_t>(i) : 0;
      palette[i][channel] = at < colours.size ? colours.data[at] : missing;
    }
    palette[i][3] = i == transparent ? 0 : 255;
  }
  return palette;
}

}  // namespace

Status read_gif_frame(Bytes file, GifFrame& frame) {
  Reading reading(file);
  const Bytes screen = reading.take(kScreenBytes);
  if (screen.size < kScreenBytes) return ends_early();
  const Bytes global_colours = read_palette(reading, screen.data[10]);

  std::optional<std::uint8_t> transparent;
  for (;;) {
    const Bytes introducer = reading.take(1);
    if (introducer.empty()) return ends_early();
    if (introducer.data[0] == kTrailer) return corrupt("it has no image");
    if (introducer.data[0] == kImageDescriptor) break;
    if (introducer.data[0] != kExtension) continue;  // what is not known is passed over
    const Bytes label = reading.take(1);
    if (label.empty()) return ends_early();
    const Bytes block = reading.take_block();
    if (label.data[0] == kGraphicControl && !block.empty()) {
      const Status status = read_transparency(block, transparent);
      if (!status.ok()) return status;
    }
    pass_over(reading, label.data[0], block);
  }

  const Bytes descriptor = reading.take(kDescriptorBytes);
  if (descriptor.size < kDescriptorBytes) return ends_early();
  frame.left = number(descriptor.data);
  frame.top = number(descriptor.data + 2);
  frame.frame_width = number(descriptor.data + 4);
  frame.frame_height = number(descriptor.data + 6);
  if (frame.frame_width == 0 || frame.frame_height == 0) return corrupt("its image has no pixels");
  frame.width = std::max(number(screen.data + 6), frame.left + frame.frame_width);
  frame.height = std::max(number(screen.data + 8), frame.top + frame.frame_height);
  const int flags = descriptor.data[8];
  frame.interlaced = (flags & 0x40) != 0;
  const Bytes own_colours = read_palette(reading, flags);
  const Bytes bits = reading.take(1);
  if (bits.empty()) return ends_early();
  frame.bits = bits.data[0];
  frame.data = reading.at();
  frame.palette = palette_of(own_colours.empty() ? global_colours : own_colours, transparent);
  frame.background = transparent.value_or(0);
  return Status::success();
}

}  // namespace pixtok::decode
