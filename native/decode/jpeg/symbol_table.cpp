#include "decode/jpeg/symbol_table.h"

#include <cstddef>

namespace pixtok::decode {

namespace {

constexpr int kLongest = 16;
constexpr int kZeroRun = 15;

SymbolTable::Entry entry(int bits, unsigned advance, int value) {
  return static_cast<unsigned>(bits) | advance << 8 | static_cast<unsigned>(value) << 16;
}

bool same(const HuffmanTable& a, const HuffmanTable& b) {
  return a.counts == b.counts && a.symbols == b.symbols && a.defined == b.defined;
}

}  // namespace

bool SymbolTable::is_like(const SymbolTable& other) const {
  return is_dc_ == other.is_dc_ && most_bits_ == other.most_bits_ && same(table_, other.table_);
}

bool SymbolTable::build(const HuffmanTable& table, bool is_dc, int most_bits) {
  if (table_.defined && is_dc_ == is_dc && most_bits_ == most_bits && same(table_, table)) {
    return true;
  }
  table_.defined = false;
  // libjpeg's own rules.
  if (!HuffmanDecoder().build(table, is_dc)) return false;
  is_dc_ = is_dc;
  most_bits_ = most_bits;
  entries_.fill(entry(0, kLong, 0));
  limits_.fill(0);
  unsigned code = 0;
  int place = 0;
  for (int length = 1; length <= kLongest; ++length) {
    const auto at = static_cast<std::size_t>(length);
    offsets_[at] = place - static_cast<int>(code);
    for (int i = 0; i < table.counts[at]; ++i, ++code, ++place) {
      add_code(code, length, table.symbols[static_cast<std::size_t>(place)]);
    }
    limits_[at] = code << (kLongest - length);
    code <<= 1;
  }
  table_ = table;
  return true;
}

// Into all entries that start with the code.
void SymbolTable::add_code(unsigned code, int length, int symbol) {
  if (length > kBits) return;
  const int spare = kBits - length;
  Entry* const first = entries_.data() + (static_cast<std::size_t>(code) << spare);
  const auto fill = [](Entry* from, int bits, Entry with) {
    for (Entry* at = from; at < from + (std::size_t{1} << bits); ++at) *at = with;
  };
  const int run = is_dc_ ? 0 : symbol >> 4;
  const int size = is_dc_ ? symbol : symbol & 15;
  const auto advance = static_cast<unsigned>(run + 1);
  if (size == 0) {
    if (is_dc_ || run == kZeroRun) {
      fill(first, spare, entry(length, advance, 0));
    } else if (run == 0) {
      fill(first, spare, entry(length, kEndOfBlock, 0));
    } else {
      fill(first, spare, entry(length, kPartial, symbol));
    }
    return;
  }
  if (size > spare || size > most_bits_) {
    fill(first, spare, entry(length, kPartial, symbol));
    return;
  }
  const int unused = spare - size;
  for (int bits = 0; bits < 1 << size; ++bits) {
    fill(first + (static_cast<std::size_t>(bits) << unused), unused,
         entry(length + size, advance, extended(bits, size)));
  }
}

bool SymbolTable::find(unsigned bits, int& symbol, int& length) const {
  for (length = 1; length <= kLongest; ++length) {
    const auto at = static_cast<std::size_t>(length);
    if (bits >= limits_[at]) continue;
    const int place = static_cast<int>(bits >> (kLongest - length)) + offsets_[at];
    symbol = table_.symbols[static_cast<std::size_t>(place & 0xFF)];
    return true;
  }
  return false;
}

}  // namespace pixtok::decode
