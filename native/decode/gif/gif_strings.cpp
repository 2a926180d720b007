#include "decode/gif/gif_strings.h"

#include <cstring>
#include <string>

#include "decode/image_fault.h"

namespace pixtok::decode {

namespace {

using core::Bytes;
using core::Status;

Status cannot_be_unpacked() { return corrupt("its pixels cannot be unpacked"); }

// The bits of the sub-blocks from `data` on, lowest first. A sub-block is begun only where a code
// needs it, and the one that would end the image is passed over: Pillow stops when it has all
// pixels, or no more file.
class CodeReader {
 public:
  CodeReader(Bytes file, std::size_t data) : file_(file), data_(data), at_(data) {}

  // False where the file ends before the code, or before the sub-block that it ends in.
  bool read(int bits, std::uint32_t& code) {
    while (held_bits_ < bits) {
      if (block_ == 0 && !begin_block()) return false;
      hold();
    }
    code = static_cast<std::uint32_t>(held_) & ((1U << bits) - 1);
    held_ >>= bits;
    held_bits_ -= bits;
    return true;
  }

  // Whether Pillow, which reads the file in pieces, has no more to read behind this sub-block.
  bool is_in_last_piece() const {
    constexpr std::size_t kPieceBytes = std::size_t{1} << 16;
    const std::size_t used = at_ + block_ - data_;
    return (used + kPieceBytes - 1) / kPieceBytes * kPieceBytes >= file_.size - data_;
  }

 private:
  bool begin_block() {
    if (at_ >= file_.size) return false;
    const std::size_t length = file_.data[at_];
    if (length >= file_.size - at_) return false;
    block_ = length;
    ++at_;
    return true;
  }

  // As many bytes of the sub-block as there is room for.
  void hold() {
    for (; block_ > 0 && held_bits_ <= 56; ++at_, --block_, held_bits_ += 8) {
      held_ |= std::uint64_t{file_.data[at_]} << held_bits_;
    }
  }

  Bytes file_;
  std::size_t data_;
  std::size_t at_;
  std::size_t block_ = 0;  // bytes of it that are left
  std::uint64_t held_ = 0;
  int held_bits_ = 0;
};

// May write up to 7 bytes more. Precondition: the source ends where the target begins, or before.
void copy(const std::uint8_t* source, std::size_t length, std::uint8_t* target) {
  constexpr std::size_t kStep = 8;
  for (std::size_t done = 0; done < length; done += kStep) {
    std::uint8_t held[kStep];
    std::memcpy(held, source + done, kStep);
    std::memcpy(target + done, held, kStep);
  }
}

}  // namespace

Status GifStrings::unpack(Bytes file, const GifFrame& frame, std::uint8_t* indices) {
  if (frame.bits > kMostBits)
    return corrupt("its codes have " + std::to_string(frame.bits) + " bits");
  const std::uint32_t clear = 1U << frame.bits;
  const std::uint32_t end = clear + 1;
  const std::size_t pixels =
      static_cast<std::size_t>(frame.frame_width) * static_cast<std::size_t>(frame.frame_height);
  CodeReader reader(file, frame.data);
  std::uint32_t next = clear + 2;
  int bits = frame.bits + 1;
  bool has_last = false;
  std::uint32_t last_code = 0;
  String last;
  for (std::size_t to = 0; to < pixels;) {
    std::uint32_t code = 0;
    if (!reader.read(bits, code)) return truncated("it ends within its pixels");
    if (code == clear) {
      next = clear + 2;
      bits = frame.bits + 1;
      has_last = false;
      continue;
    }
    if (code == end) {
      // Pillow goes on behind it as long as there is more file to read.
      if (reader.is_in_last_piece()) return truncated("its pixels end early");
      continue;
    }
    if (code > (has_last ? next : clear)) return cannot_be_unpacked();
    std::size_t length = 1;
    if (code < clear) {
      indices[to] = static_cast<std::uint8_t>(code);
    } else if (code < next) {
      length = strings_[code].length();
      copy(indices + strings_[code].place(), length, indices + to);
    } else {
      // The string that is about to be named: the last one and its own first index. Codes of
      // 12 bits and more leave no room for names.
      if (last_code >= kCodes) return cannot_be_unpacked();
      copy(indices + last.place(), last.length(), indices + to);
      indices[to + last.length()] = indices[last.place()];
      length = last.length() + 1;
    }
    if (has_last && next < kCodes) {
      strings_[next] = String(last.place(), last.length() + 1);
      if (next == (1U << bits) - 1 && bits < kMostBits) ++bits;
      ++next;
    }
    last = String(to, length);
    last_code = code;
    has_last = true;
    to += length;
  }
  return Status::success();
}

}  // namespace pixtok::decode
