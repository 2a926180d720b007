#pragma once

#include <array>
#include <cstdint>

#include "decode/jpeg/huffman_table.h"

namespace pixtok::decode {

// The codes of a table, by their length (T.81, annex C).
class CodeBook {
 public:
  static constexpr int kLongest = 16;

  // Precondition: libjpeg takes the table.
  void build(const HuffmanTable& table);

  // The symbol and the length of the code that 16 bits start with; false where there is none.
  bool find(unsigned bits, int& symbol, int& length) const;

 private:
  std::array<std::uint32_t, kLongest + 1> limits_{};  // of the codes of a length, in 16 bits
  std::array<std::int32_t, kLongest + 1> offsets_{};  // from a code to its symbol's place
  std::array<std::uint8_t, 256> symbols_{};
};

// A table of DC codes: each stands for how many bits of a difference follow (T.81, F.2.2.1).
class DcTable {
 public:
  // Of the bits that an entry is looked up by.
  static constexpr int kBits = 10;

  // An entry: the length of the code, and its symbol. The length is 0 where the code is longer than
  // kBits, or there is none.
  using Entry = std::uint16_t;
  static unsigned length(Entry entry) { return entry & 0xFFU; }
  static unsigned symbol(Entry entry) { return entry >> 8U; }

  // False for a table that libjpeg refuses. Does nothing where it is the one that was built last.
  bool build(const HuffmanTable& table);

  const Entry* entries() const { return entries_.data(); }
  const CodeBook& codes() const { return codes_; }
  bool is_like(const DcTable& other) const { return is_same(table_, other.table_); }

 private:
  std::array<Entry, 1 << kBits> entries_{};
  CodeBook codes_;
  HuffmanTable table_;  // what it was built from
};

// A table of AC codes, by which most symbols are decoded in one step, with the bits that follow the
// code and the coefficient that they make (T.81, F.2.2.2).
class AcTable {
 public:
  // Of the bits that an entry is looked up by. More do not fit the cache beside all else.
  static constexpr int kBits = 11;

  // An entry: how many bits it takes, how many places in zigzag order to go on, and the coefficient
  // for the place that this leads to.
  using Entry = std::uint32_t;
  static unsigned bits(Entry entry) { return entry & 0xFF; }
  static unsigned advance(Entry entry) { return entry >> 8 & 0xFF; }
  static std::int16_t value(Entry entry) { return static_cast<std::int16_t>(entry >> 16); }

  // The advance of all that is no coefficient. It leads past the end of a block, and that is all
  // the loop over the symbols looks at. The entry's value says then what there is: below, a symbol;
  // above, one of these. After the code of kPartial come bits that the entry has not; the code of
  // kLong is not in the table.
  static constexpr unsigned kSpecial = 128;
  static constexpr unsigned kEndOfBlock = 0;
  static constexpr unsigned kPartial = 1;
  static constexpr unsigned kLong = 2;
  static unsigned kind(Entry entry) { return entry >> 24; }
  static unsigned symbol(Entry entry) { return entry >> 16 & 0xFF; }

  // False for a table that libjpeg refuses. `most_bits` is how many bits a coefficient that is in
  // the table may have. Does nothing where the table is the one that was built last.
  bool build(const HuffmanTable& table, int most_bits);

  const Entry* entries() const { return entries_.data(); }
  const CodeBook& codes() const { return codes_; }
  bool is_like(const AcTable& other) const {
    return most_bits_ == other.most_bits_ && is_same(table_, other.table_);
  }

 private:
  void add_code(unsigned code, int length, int symbol);

  std::array<Entry, 1 << kBits> entries_{};
  CodeBook codes_;
  HuffmanTable table_;  // what it was built from
  int most_bits_ = 0;
};

// A coefficient of `size` bits, `size` > 0.
inline int extended(int bits, int size) {
  return bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits;
}

}  // namespace pixtok::decode
