#pragma once

#include <cstddef>
#include <cstdint>

#include "decode/jpeg/huffman_table.h"
#include "decode/jpeg/jpeg_input.h"

namespace pixtok::decode {

// The bits of a scan, taken from the input at the very moments at which libjpeg-turbo takes them on
// a 64-bit machine (jdhuff.c). Between two steps there is a state to go back to.
class JpegBits {
 public:
  // `unread` is where a marker in the data is left. The arguments must outlive the object.
  JpegBits(JpegInput& input, int& unread) : input_(input), unread_(unread) {}

  // Takes up the last state that was kept.
  void begin() {
    bits_ = kept_bits_;
    count_ = kept_count_;
    at_ = input_.at();
  }

  void keep() {
    kept_bits_ = bits_;
    kept_count_ = count_;
    input_.go_to(at_);
  }

  // The data ended in front of a marker, and zeros stand for what is missing.
  bool ran_out = false;

  // Throws away what has been taken and not used.
  void discard() { kept_count_ = 0; }

  // False: more of the input is needed.
  bool decode(const HuffmanDecoder& table, int& symbol) {
    int length = 1;
    if (count_ >= HuffmanDecoder::kLookahead || fill(0)) {
      if (count_ >= HuffmanDecoder::kLookahead) {
        const std::size_t next = peek(HuffmanDecoder::kLookahead);
        length = table.lengths[next];
        if (length <= HuffmanDecoder::kLookahead) {
          count_ -= length;
          symbol = table.short_symbols[next];
          return true;
        }
      }
      return decode_long(table, length, symbol);
    }
    return false;
  }

  bool skip(int bits) {
    if (count_ < bits && !fill(bits)) return false;
    count_ -= bits;
    return true;
  }

  bool get(int bits, int& value) {
    if (!skip(bits)) return false;
    value = static_cast<int>(bits_ >> count_ & ((std::uint64_t{1} << bits) - 1));
    return true;
  }

  // The same where very much of the input is readable; false at a marker.
  bool decode_fast(const HuffmanDecoder& table, int& symbol) {
    if (!fill_fast()) return false;
    const std::size_t next = peek(HuffmanDecoder::kLookahead);
    int length = table.lengths[next];
    count_ -= length;
    symbol = table.short_symbols[next];
    if (length <= HuffmanDecoder::kLookahead) return true;
    auto code = static_cast<std::int32_t>(bits_ >> count_ & ((std::uint64_t{1} << length) - 1));
    while (code > table.last_codes[static_cast<std::size_t>(length)]) {
      --count_;
      code = code << 1 | static_cast<std::int32_t>(bits_ >> count_ & 1);
      ++length;
    }
    symbol = symbol_of(table, length, code);
    return true;
  }

  bool skip_fast(int bits) {
    if (!fill_fast()) return false;
    count_ -= bits;
    return true;
  }

 private:
  static constexpr int kLongest = 16;
  static constexpr int kEnough = 57;

  std::size_t peek(int bits) const {
    return static_cast<std::size_t>(bits_ >> (count_ - bits) & ((std::uint64_t{1} << bits) - 1));
  }

  static int symbol_of(const HuffmanDecoder& table, int length, std::int32_t code) {
    if (length > kLongest) return 0;
    const std::int32_t place = code + table.offsets[static_cast<std::size_t>(length)];
    return table.symbols[static_cast<std::size_t>(place & 0xFF)];
  }

  bool decode_long(const HuffmanDecoder& table, int length, int& symbol) {
    int code = 0;
    if (!get(length, code)) return false;
    while (code > table.last_codes[static_cast<std::size_t>(length)]) {
      int bit = 0;
      if (!get(1, bit)) return false;
      code = code << 1 | bit;
      ++length;
    }
    symbol = symbol_of(table, length, code);
    return true;
  }

  // Takes as many bytes as there is room for, or as there are in front of a marker.
  bool fill(int wanted) {
    std::size_t at = at_;
    std::uint64_t bits = bits_;
    int count = count_;
    while (unread_ == 0 && count < kEnough) {
      if (at >= input_.end()) return false;
      int byte = input_.data()[at++];
      if (byte == 0xFF) {
        do {
          if (at >= input_.end()) return false;
          byte = input_.data()[at++];
        } while (byte == 0xFF);
        if (byte != 0) {
          unread_ = byte;
          break;
        }
        byte = 0xFF;
      }
      bits = bits << 8 | static_cast<std::uint64_t>(byte);
      count += 8;
    }
    if (unread_ != 0 && wanted > count) {
      ran_out = true;
      bits <<= kEnough - count;
      count = kEnough;
    }
    at_ = at;
    bits_ = bits;
    count_ = count;
    return true;
  }

  bool fill_fast() {
    constexpr int kLow = 16;
    constexpr int kBytes = 6;
    if (count_ > kLow) return true;
    for (int i = 0; i < kBytes; ++i) {
      if (input_.end() - at_ < 2) return false;
      const std::uint8_t byte = input_.data()[at_++];
      if (byte == 0xFF && input_.data()[at_++] != 0) return false;
      bits_ = bits_ << 8 | byte;
    }
    count_ += 8 * kBytes;
    return true;
  }

  JpegInput& input_;
  int& unread_;
  std::uint64_t bits_ = 0;
  int count_ = 0;
  std::size_t at_ = 0;
  std::uint64_t kept_bits_ = 0;
  int kept_count_ = 0;
};

}  // namespace pixtok::decode
