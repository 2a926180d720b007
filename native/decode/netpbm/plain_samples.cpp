#include "decode/netpbm/plain_samples.h"

#include <algorithm>

#include "decode/image_fault.h"
#include "decode/netpbm/netpbm_tokens.h"

namespace pixtok::decode {

namespace {

using core::Bytes;
using core::Status;

constexpr std::size_t kBlockBytes = std::size_t{1} << 20;

bool is_line_end(std::uint8_t byte) { return byte == '\n' || byte == '\r'; }

// Blocks without their comments, which last to the end of their line.
class Blocks {
 public:
  explicit Blocks(Bytes samples) : samples_(samples) {}

  // False where there is none any more. A block may be empty.
  bool next(std::vector<std::uint8_t>& text) {
    text.clear();
    Bytes block = take();
    if (block.empty()) return false;
    if (within_comment_) block = behind_comment(block);
    within_comment_ = false;
    for (std::size_t at = 0; at < block.size;) {
      if (block.data[at] != '#') {
        text.push_back(block.data[at++]);
        continue;
      }
      while (at < block.size && !is_line_end(block.data[at])) ++at;
      within_comment_ = at == block.size;
      if (!within_comment_) ++at;
    }
    return true;
  }

 private:
  Bytes take() {
    const Bytes block{samples_.data, std::min(kBlockBytes, samples_.size)};
    samples_ = samples_.from(block.size);
    return block;
  }

  // What is behind a comment that began in an earlier block. Where it ends with the first byte,
  // Pillow looks for the other kind of line end.
  Bytes behind_comment(Bytes block) {
    while (!block.empty()) {
      const auto* begin = block.data;
      const auto* end = begin + block.size;
      const auto* found = std::find_if(begin, end, is_line_end);
      if (found == begin) {
        const std::uint8_t other = *begin == '\n' ? '\r' : '\n';
        const auto* second = std::find(begin, end, other);
        if (second != end) found = second;
      }
      if (found != end) return block.from(static_cast<std::size_t>(found - begin) + 1);
      block = take();
    }
    return block;
  }

  Bytes samples_;
  bool within_comment_ = false;
};

Status ends_early() { return truncated("it ends before its pixels do"); }

}  // namespace

Status read_plain_bits(Bytes samples, std::size_t count, std::uint8_t* target) {
  Blocks blocks(samples);
  std::vector<std::uint8_t> text;
  std::size_t done = 0;
  while (done < count) {
    if (!blocks.next(text)) return ends_early();
    for (const std::uint8_t byte : text) {
      if (is_netpbm_space(byte)) continue;
      if (byte != '0' && byte != '1') return corrupt("a pixel is neither 0 nor 1");
      if (done < count) target[done++] = byte == '0' ? 255 : 0;
    }
  }
  return Status::success();
}

Status read_plain_samples(Bytes samples, const std::vector<std::uint8_t>& table, std::size_t count,
                          std::uint8_t* target) {
  const auto too_long = [] { return corrupt("a sample has too many digits"); };
  Blocks blocks(samples);
  std::vector<std::uint8_t> text;
  std::vector<std::uint8_t> joined;  // with what the last block has ended with
  std::vector<std::uint8_t> half;
  std::size_t done = 0;
  while (done < count) {
    if (!blocks.next(text)) {
      if (half.empty()) return ends_early();
      text.push_back(' ');
    }
    joined.swap(half);
    half.clear();
    joined.insert(joined.end(), text.begin(), text.end());
    auto end = joined.end();
    while (end != joined.begin() && !is_netpbm_space(*(end - 1))) --end;
    half.assign(end, joined.end());
    if (half.size() > kMostTokenBytes) return too_long();
    for (auto at = joined.begin(); done < count;) {
      at = std::find_if_not(at, end, is_netpbm_space);
      if (at == end) break;
      const auto behind = std::find_if(at, end, is_netpbm_space);
      const Bytes token{&*at, static_cast<std::size_t>(behind - at)};
      if (token.size > kMostTokenBytes) return too_long();
      const auto value = whole_number(token);
      if (!value) return corrupt("a sample is no number");
      if (*value < 0 || *value >= static_cast<std::int64_t>(table.size())) {
        return corrupt("a sample is out of the range that its header declares");
      }
      target[done++] = table[static_cast<std::size_t>(*value)];
      at = behind;
    }
    joined.clear();
  }
  return Status::success();
}

}  // namespace pixtok::decode
