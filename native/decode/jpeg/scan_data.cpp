#include "decode/jpeg/scan_data.h"

#include <cstring>

namespace pixtok::decode {

namespace {

constexpr std::uint8_t kMark = 0xFF;
constexpr std::uint8_t kFirstRestart = 0xD0;
constexpr std::uint8_t kEndOfImage = 0xD9;
constexpr std::size_t kRestarts = 8;  // numbers of restart markers, in turns (T.81, E.1.4)

}  // namespace

bool ScanData::read(core::Bytes scan, std::size_t intervals) {
  // Each interval but the last takes two bytes at least.
  if (intervals > scan.size) return false;
  ends_.clear();
  ends_.reserve(intervals);
  std::uint8_t* const start = bytes_.reserve(scan.size + kPadding);
  std::uint8_t* to = start;
  const std::uint8_t* from = scan.data;
  const std::uint8_t* const end = scan.data + scan.size;
  for (;;) {
    const void* found = std::memchr(from, kMark, static_cast<std::size_t>(end - from));
    if (found == nullptr) return false;
    const auto* mark = static_cast<const std::uint8_t*>(found);
    if (end - mark < 2) return false;
    const auto plain = static_cast<std::size_t>(mark - from);
    std::memcpy(to, from, plain);
    to += plain;
    from = mark + 2;
    const std::uint8_t follower = mark[1];
    if (follower == 0) {
      *to++ = kMark;
      continue;
    }
    const std::size_t number = ends_.size();
    ends_.push_back(static_cast<std::size_t>(to - start));
    if (number + 1 == intervals) {
      std::memset(to, 0, kPadding);
      return follower == kEndOfImage;
    }
    if (follower != kFirstRestart + number % kRestarts) return false;
  }
}

void ScanData::trim(std::size_t keep_at_most) {
  bytes_.trim(keep_at_most);
  if (ends_.capacity() * sizeof ends_[0] > keep_at_most) ends_ = {};
}

}  // namespace pixtok::decode
