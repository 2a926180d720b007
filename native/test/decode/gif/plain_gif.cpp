#include "test/decode/gif/plain_gif.h"

#include <cstddef>

namespace pixtok::test {

namespace {

using Indices = std::vector<std::uint8_t>;

class Bits {
 public:
  Bits(core::Bytes file, std::size_t data) : file_(file), data_(data), at_(data) {}

  std::optional<int> code(int bits) {
    int read = 0;
    for (int i = 0; i < bits; ++i) {
      while (bit_ == end_bit()) {
        if (at_ + left_ >= file_.size) return std::nullopt;
        at_ += left_;
        const std::size_t length = file_.data[at_];
        if (at_ + 1 + length > file_.size) return std::nullopt;
        ++at_;
        left_ = length;
        bit_ = 0;
      }
      read |= (file_.data[at_ + bit_ / 8] >> bit_ % 8 & 1) << i;
      ++bit_;
    }
    return read;
  }

  // Pillow's ImageFile reads 65536 bytes at a time, and fails where there are none any more.
  bool may_go_on() const {
    std::size_t read = 0;
    while (data_ + read < at_ + left_) read += 65536;
    return data_ + read < file_.size;
  }

 private:
  std::size_t end_bit() const { return 8 * left_; }

  core::Bytes file_;
  std::size_t data_;
  std::size_t at_;  // the sub-block
  std::size_t left_ = 0;
  std::size_t bit_ = 0;
};

}  // namespace

std::optional<Indices> plain_gif_indices(core::Bytes file, const decode::GifFrame& frame) {
  if (frame.bits > 12) return std::nullopt;
  const int clear = 1 << frame.bits;
  const auto wanted =
      static_cast<std::size_t>(frame.frame_width) * static_cast<std::size_t>(frame.frame_height);
  Bits input(file, frame.data);
  std::vector<Indices> named;  // from clear + 2 on
  Indices last;
  int last_code = 0;
  int bits = frame.bits + 1;
  Indices all;
  while (all.size() < wanted) {
    const std::optional<int> code = input.code(bits);
    if (!code) return std::nullopt;
    const int next = clear + 2 + static_cast<int>(named.size());
    if (*code == clear) {
      named.clear();
      last.clear();
      bits = frame.bits + 1;
      continue;
    }
    if (*code == clear + 1) {
      if (!input.may_go_on()) return std::nullopt;
      continue;
    }
    Indices now;
    if (*code < clear) {
      now = {static_cast<std::uint8_t>(*code)};
    } else if (last.empty() || *code > next) {
      return std::nullopt;
    } else if (*code < next) {
      now = named[static_cast<std::size_t>(*code - clear - 2)];
    } else {
      if (last_code >= 4096) return std::nullopt;
      now = last;
      now.push_back(last.front());
    }
    if (!last.empty() && next < 4096) {
      last.push_back(now.front());
      named.push_back(last);
      if (next == (1 << bits) - 1 && bits < 12) ++bits;
    }
    all.insert(all.end(), now.begin(), now.end());
    last = now;
    last_code = *code;
  }
  all.resize(wanted);
  return all;
}

}  // namespace pixtok::test
