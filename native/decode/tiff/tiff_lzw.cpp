#include "decode/tiff/tiff_lzw.h"

#include <algorithm>
#include <vector>

#include "decode/image_fault.h"

namespace pixtok::decode {

namespace {

using core::Bytes;
using core::Status;

constexpr int kFirstBits = 9;
constexpr int kMostBits = 12;
constexpr int kClear = 256;
constexpr int kEnd = 257;
constexpr int kFirstCode = 258;
// Longer than codes can name: some encoders clear the table late.
constexpr int kStrings = 4095 + 1024;

Status too_little() { return corrupt("its pixels end early"); }

Status no_code() { return corrupt("its pixels have a code that is none"); }

// A part of the output that ends with the byte behind an earlier one.
struct String {
  std::size_t place = 0;
  std::size_t length = 0;
};

// Bits, the highest first.
class CodeReader {
 public:
  explicit CodeReader(Bytes packed) : packed_(packed) {}

  bool read(int bits, int& code) {
    for (; held_bits_ < bits; held_bits_ += 8, ++at_) {
      if (at_ == packed_.size) return false;
      held_ = held_ << 8 | packed_.data[at_];
    }
    held_bits_ -= bits;
    code = static_cast<int>(held_ >> held_bits_) & ((1 << bits) - 1);
    return true;
  }

 private:
  Bytes packed_;
  std::size_t at_ = 0;
  std::uint32_t held_ = 0;
  int held_bits_ = 0;
};

}  // namespace

Status unpack_tiff_lzw(Bytes packed, std::uint8_t* unpacked, std::size_t size) {
  std::vector<String> strings(kStrings);
  CodeReader reader(packed);
  int bits = kFirstBits;
  int next = -1;  // before the first code that clears the table
  String last;
  for (std::size_t to = 0; to < size;) {
    int code = 0;
    if (!reader.read(bits, code)) return too_little();
    if (code == kClear) {
      next = kFirstCode - 1;  // the code behind it makes no string
      bits = kFirstBits;
      continue;
    }
    if (code == kEnd) return too_little();
    const bool names = next >= kFirstCode;
    const String longer{last.place, last.length + 1};
    String found{to, 1};
    if (code < kClear) {
      if (next < 0) return no_code();
      unpacked[to] = static_cast<std::uint8_t>(code);
    } else {
      if (code > next || !names) return no_code();
      // the string that is about to be named ends with its own first byte
      found = code == next ? longer : strings[code];
      found.length = std::min(found.length, size - to);
      // byte by byte: where that string begins anew it has just been written
      for (std::size_t i = 0; i < found.length; ++i) unpacked[to + i] = unpacked[found.place + i];
    }
    if (names) strings[next] = longer;
    last = {to, found.length};
    to += found.length;
    ++next;
    if (next > (1 << bits) - 2 && bits < kMostBits) ++bits;
    if (next >= kStrings) next = -1;
  }
  return Status::success();
}

}  // namespace pixtok::decode
