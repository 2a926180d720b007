#pragma once

#include <array>
#include <cstdint>

namespace pixtok::decode {

// A Huffman table as a JPEG file defines it (ITU-T T.81, B.2.4.2).
struct HuffmanTable {
  std::array<std::uint8_t, 17> counts{};  // codes of each length; none of length 0
  std::array<std::uint8_t, 256> symbols{};
  bool defined = false;
};

inline bool is_same(const HuffmanTable& a, const HuffmanTable& b) {
  return a.counts == b.counts && a.symbols == b.symbols && a.defined == b.defined;
}

// T.81, annex K.3: 0 for luma, 1 for chroma.
const HuffmanTable& standard_dc_table(int number);
const HuffmanTable& standard_ac_table(int number);

// The same, to be decoded by.
struct HuffmanDecoder {
  static constexpr int kLookahead = 8;

  // Code lengths and symbols by the next kLookahead bits. Longer codes have length kLookahead + 1.
  std::array<std::uint8_t, 1 << kLookahead> lengths{};
  std::array<std::uint8_t, 1 << kLookahead> short_symbols{};
  std::array<std::int32_t, 18> last_codes{};  // of each length; of none, -1
  std::array<std::int32_t, 18> offsets{};     // from a code of a length to its symbol's place
  std::array<std::uint8_t, 256> symbols{};

  // Of AC coefficients, of DC coefficients, of differences of lossless files.
  enum class Use { kAc, kDc, kDifferences };

  // False for a table that libjpeg refuses.
  bool build(const HuffmanTable& table, Use use);
};

}  // namespace pixtok::decode
