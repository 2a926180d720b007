#include "decode/jpeg/symbol_table.h"

#include <algorithm>
#include <cstddef>

namespace pixtok::decode {

namespace {

constexpr int kLongest = CodeBook::kLongest;
constexpr int kZeroRun = 15;

AcTable::Entry ac_entry(int bits, unsigned advance, int value) {
  return static_cast<unsigned>(bits) | advance << 8 | static_cast<unsigned>(value) << 16;
}

AcTable::Entry special(int bits, unsigned kind, int symbol) {
  return ac_entry(bits, AcTable::kSpecial, static_cast<int>(kind) << 8 | symbol);
}

// libjpeg's own rules.
bool is_taken(const HuffmanTable& table, HuffmanDecoder::Use use) {
  return HuffmanDecoder().build(table, use);
}

// Gives every code, its length and its symbol.
template <typename Take>
void for_each_code(const HuffmanTable& table, Take take) {
  unsigned code = 0;
  std::size_t place = 0;
  for (int length = 1; length <= kLongest; ++length, code <<= 1) {
    for (int i = 0; i < table.counts[static_cast<std::size_t>(length)]; ++i) {
      take(code++, length, static_cast<int>(table.symbols[place++]));
    }
  }
}

}  // namespace

void CodeBook::build(const HuffmanTable& table) {
  symbols_ = table.symbols;
  unsigned code = 0;
  int place = 0;
  for (std::size_t length = 1; length <= kLongest; ++length, code <<= 1) {
    offsets_[length] = place - static_cast<int>(code);
    code += table.counts[length];
    place += table.counts[length];
    limits_[length] = code << (kLongest - length);
  }
}

bool CodeBook::find(unsigned bits, int& symbol, int& length) const {
  for (length = 1; length <= kLongest; ++length) {
    const auto at = static_cast<std::size_t>(length);
    if (bits >= limits_[at]) continue;
    const int place = static_cast<int>(bits >> (kLongest - length)) + offsets_[at];
    symbol = symbols_[static_cast<std::size_t>(place & 0xFF)];
    return true;
  }
  return false;
}

bool DcTable::build(const HuffmanTable& table) {
  if (table_.defined && is_same(table_, table)) return true;
  table_.defined = false;
  if (!is_taken(table, HuffmanDecoder::Use::kDc)) return false;
  codes_.build(table);
  entries_.fill(0);
  for_each_code(table, [this](unsigned code, int length, int symbol) {
    if (length > kBits) return;
    const int spare = kBits - length;
    std::fill_n(entries_.data() + (static_cast<std::size_t>(code) << spare), 1 << spare,
                static_cast<Entry>(symbol << 8 | length));
  });
  table_ = table;
  return true;
}

bool AcTable::build(const HuffmanTable& table, int most_bits) {
  if (table_.defined && most_bits_ == most_bits && is_same(table_, table)) return true;
  table_.defined = false;
  if (!is_taken(table, HuffmanDecoder::Use::kAc)) return false;
  codes_.build(table);
  most_bits_ = most_bits;
  entries_.fill(special(0, kLong, 0));
  for_each_code(table, [this](unsigned code, int length, int symbol) {
    if (length <= kBits) add_code(code, length, symbol);
  });
  table_ = table;
  return true;
}

// Into all entries that start with the code.
void AcTable::add_code(unsigned code, int length, int symbol) {
  const int spare = kBits - length;
  Entry* const first = entries_.data() + (static_cast<std::size_t>(code) << spare);
  const int run = symbol >> 4;
  const int size = symbol & 15;
  const auto advance = static_cast<unsigned>(run + 1);
  if (symbol == 0) {
    std::fill_n(first, 1 << spare, special(length, kEndOfBlock, 0));
  } else if (size == 0 && run == kZeroRun) {
    std::fill_n(first, 1 << spare, ac_entry(length, advance, 0));
  } else if (size == 0 || size > spare || size > most_bits_) {
    std::fill_n(first, 1 << spare, special(length, kPartial, symbol));
  } else {
    const int unused = spare - size;
    for (int bits = 0; bits < 1 << size; ++bits) {
      std::fill_n(first + (static_cast<std::size_t>(bits) << unused), 1 << unused,
                  ac_entry(length + size, advance, extended(bits, size)));
    }
  }
}

}  // namespace pixtok::decode
