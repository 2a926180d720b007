#pragma once

#include <array>
#include <cstdint>

#include "decode/huffman_table.h"

namespace pixtok::decode {

// A Huffman table by which most symbols are decoded in one step, with the bits that follow the code
// and the coefficient that they make (T.81, F.2.2.1 and F.2.2.2).
class SymbolTable {
 public:
  // Of the bits that an entry is looked up by.
  static constexpr int kBits = 11;

  // An entry: how many bits it takes, how many places in zigzag order to go on, and the coefficient
  // for the place that this leads to.
  using Entry = std::uint32_t;
  static int bits(Entry entry) { return static_cast<int>(entry & 0xFF); }
  static unsigned advance(Entry entry) { return entry >> 8 & 0xFF; }
  static std::int16_t value(Entry entry) { return static_cast<std::int16_t>(entry >> 16); }

  // Advances that lead past the end of a block. After the code of kPartial, whose symbol is the
  // entry's value, come bits that the entry has not; kLong is not in the table.
  static constexpr unsigned kEndOfBlock = 64;
  static constexpr unsigned kPartial = 128;
  static constexpr unsigned kLong = 192;

  // False for a table that libjpeg refuses. `most_bits` is how many bits a coefficient that is in
  // the table may have. Does nothing where the table is the one that was built last.
  bool build(const HuffmanTable& table, bool is_dc, int most_bits);

  bool is_like(const SymbolTable& other) const;

  const Entry* entries() const { return entries_.data(); }

  // The symbol and the length of the code that 16 bits start with; false where there is none.
  bool find(unsigned bits, int& symbol, int& length) const;

 private:
  void add_code(unsigned code, int length, int symbol);

  std::array<Entry, 1 << kBits> entries_{};
  std::array<std::uint32_t, 18> limits_{};  // of the codes of a length, in 16 bits
  std::array<std::int32_t, 18> offsets_{};  // from a code to its symbol's place
  HuffmanTable table_;                      // what it was built from
  bool is_dc_ = false;
  int most_bits_ = 0;
};

// A coefficient of `size` bits, `size` > 0.
inline int extended(int bits, int size) {
  return bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits;
}

}  // namespace pixtok::decode
