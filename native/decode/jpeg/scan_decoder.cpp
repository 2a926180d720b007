#include "decode/jpeg/scan_decoder.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace pixtok::decode {

namespace {

using kernels::kBlockSize;

constexpr unsigned kCountMask = 63;
constexpr unsigned kLastPlace = kBlockSize - 1;
constexpr unsigned kZeroRun = 15;
constexpr int kMostAcBits = 10;       // of a coefficient of an image of 8 bits (T.81, F.1.2.2)
constexpr unsigned kMostDcBits = 11;  // of a difference
constexpr int kLargestProduct = 32767;

// From zigzag order to that of rows (T.81, figure A.6).
constexpr std::array<std::uint8_t, kBlockSize> kOrder = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

std::uint64_t big_endian(const std::uint8_t* from) {
  std::uint64_t value = 0;
  std::memcpy(&value, from, sizeof value);
  return __builtin_bswap64(value);
}

// The coefficient in the first `size` of some bits (T.81, F.2.2.1): without a branch, as no one can
// tell which way it would go. Precondition: size < 64.
inline int extended_leading(std::uint64_t bits, unsigned size) {
  // Of a negative number all bits are flipped, and so the first is 0.
  const auto flip = (bits >> 63) - 1;
  const std::uint64_t magnitude = ((bits ^ flip) >> 1) >> (63 - size);
  return static_cast<int>((magnitude ^ flip) - flip);
}

// How many bits coefficients may have that are not looked at one by one: times the largest
// quantization they fit 16 bits.
int most_plain_bits(const QuantizationTable& table) {
  const int largest = *std::max_element(table.values.begin(), table.values.end());
  int bits = 0;
  while (bits < kMostAcBits && ((1 << (bits + 1)) - 1) * largest <= kLargestProduct) ++bits;
  return bits;
}

}  // namespace

// ---- symbols ----

// Makes at least 56 bits ready. Reads eight bytes, and goes on by those that are taken whole.
[[gnu::always_inline]] inline void ScanDecoder::refill(Cursor& cursor) {
  cursor.bits |= big_endian(cursor.at) >> (cursor.count & kCountMask);
  cursor.at += (~cursor.count & kCountMask) >> 3;
  cursor.count |= 56;
}

[[gnu::always_inline]] inline void ScanDecoder::take(Cursor& cursor, unsigned bits) {
  cursor.bits <<= bits & kCountMask;
  cursor.count -= bits;
}

[[gnu::always_inline]] inline unsigned ScanDecoder::leading(const Cursor& cursor, int bits) {
  return static_cast<unsigned>(cursor.bits >> (64 - bits));
}

// Number by number: copied as a whole, a cursor would have to be in memory first.
[[gnu::always_inline]] inline void ScanDecoder::keep(const Cursor& cursor) {
  cursor_.bits = cursor.bits;
  cursor_.count = cursor.count;
  cursor_.at = cursor.at;
  cursor_.table = cursor.table;
  cursor_.block = cursor.block;
  cursor_.place = cursor.place;
}

[[gnu::always_inline]] inline void ScanDecoder::take_up(Cursor& cursor) const {
  cursor.bits = cursor_.bits;
  cursor.count = cursor_.count;
  cursor.at = cursor_.at;
  cursor.table = cursor_.table;
  cursor.block = cursor_.block;
  cursor.place = cursor_.place;
}

// One symbol of AC. False where the scan has ended. Precondition: AcTable::kBits bits are
// there.
[[gnu::always_inline]] inline bool ScanDecoder::step(Cursor& cursor) {
  const Entry entry = cursor.table[cursor.bits >> (64 - AcTable::kBits)];
  cursor.place += AcTable::advance(entry);
  take(cursor, entry);
  if (cursor.place >= kLastPlace) return turn(cursor, entry);
  cursor.block[kOrder[cursor.place]] = AcTable::value(entry);
  return true;
}

// What is not one more coefficient in the middle of a block.
[[gnu::always_inline]] inline bool ScanDecoder::turn(Cursor& cursor, Entry entry) {
  if (cursor.place >= AcTable::kSpecial) {
    cursor.place -= AcTable::kSpecial;
    if (AcTable::kind(entry) == AcTable::kEndOfBlock) return end_block(cursor);
    refill(cursor);
    unsigned symbol = AcTable::symbol(entry);
    if (AcTable::kind(entry) == AcTable::kLong) {
      keep(cursor);
      const bool found = find_long_ac();
      take_up(cursor);
      if (!found) return false;
      symbol = symbol_;
      if (symbol == 0) return end_block(cursor);
    }
    if (!add_coefficient(cursor, symbol)) return false;
    refill(cursor);
    if (cursor.place < kLastPlace) return true;
  } else if (cursor.place == kLastPlace) {
    cursor.block[kLastPlace] = AcTable::value(entry);
  } else {
    return false;
  }
  return end_block(cursor);
}

// The coefficient of a symbol whose bits come next. False where it is odd.
[[gnu::always_inline]] inline bool ScanDecoder::add_coefficient(Cursor& cursor, unsigned symbol) {
  const unsigned size = symbol & 15;
  cursor.place += (symbol >> 4) + 1;
  if (size == 0 && symbol >> 4 != kZeroRun) return false;
  if (size > static_cast<unsigned>(kMostAcBits) || cursor.place > kLastPlace) return false;
  const int value = extended_leading(cursor.bits, size);
  take(cursor, size);
  const std::size_t component = plans_[block_].component;
  if (std::abs(value) * zigzag_quantization_[component][cursor.place] > kLargestProduct) {
    return false;
  }
  cursor.block[kOrder[cursor.place]] = static_cast<std::int16_t>(value);
  return true;
}

[[gnu::always_inline]] inline bool ScanDecoder::end_block(Cursor& cursor) {
  const std::ptrdiff_t done = cursor.block - reinterpret_cast<std::int16_t*>(coefficients_.data());
  last_[static_cast<std::size_t>(done) / kBlockSize] = static_cast<std::uint8_t>(cursor.place);
  if (cursor.at > limit_) return false;
  if (++block_ == blocks_in_unit_) {
    block_ = 0;
    if (--units_to_end_of_run_ == 0) {
      keep(cursor);
      const bool goes_on = end_run();
      take_up(cursor);
      if (!goes_on) return false;
    }
  }
  return begin_block(cursor);
}

// With its DC coefficient. Leaves 35 bits, enough for three symbols before the next refill.
[[gnu::always_inline]] inline bool ScanDecoder::begin_block(Cursor& cursor) {
  BlockPlan& plan = plans_[block_];
  cursor.block = plan.next;
  plan.next += plan.step;
  refill(cursor);
  const DcTable::Entry entry = plan.dc->entries()[cursor.bits >> (64 - DcTable::kBits)];
  unsigned size = DcTable::symbol(entry);
  if (DcTable::length(entry) == 0) {
    keep(cursor);
    const bool found = find_long_dc();
    take_up(cursor);
    if (!found) return false;
    size = symbol_;
  } else {
    take(cursor, DcTable::length(entry));
  }
  if (size > kMostDcBits) return false;
  const int difference = extended_leading(cursor.bits, size);
  take(cursor, size);
  const int dc = last_dc_[plan.component] + difference;
  if (std::abs(dc) > largest_dc_[plan.component]) return false;
  last_dc_[plan.component] = dc;
  cursor.block[0] = static_cast<std::int16_t>(dc);
  cursor.table = plan.ac->entries();
  cursor.place = 0;
  return true;
}

// Codes that are too long for the tables, and what is no code at all.
bool ScanDecoder::find_long_ac() { return find_long(plans_[block_].ac->codes()); }

bool ScanDecoder::find_long_dc() { return find_long(plans_[block_].dc->codes()); }

bool ScanDecoder::find_long(const CodeBook& codes) {
  int symbol = 0;
  int length = 0;
  if (!codes.find(leading(cursor_, CodeBook::kLongest), symbol, length)) return false;
  take(cursor_, static_cast<unsigned>(length));
  refill(cursor_);
  symbol_ = static_cast<unsigned>(symbol);
  return true;
}

bool ScanDecoder::decode() {
  if (!begin_block(cursor_)) return false;
  Cursor cursor;
  take_up(cursor);
  for (;;) {
    refill(cursor);
    if (!step(cursor) || !step(cursor) || !step(cursor) || !step(cursor)) return succeeded_;
  }
}

// ---- units ----

bool ScanDecoder::begin(const BaselineFile& file, const std::array<BlockPlane, 3>& planes) {
  succeeded_ = false;
  components_ = static_cast<std::size_t>(file.components);
  planes_ = planes;
  if (!build_tables(file)) return false;
  lay_out(file);
  row_ = 0;
  chunk_begin_ = 0;
  chunk_units_ = 0;
  block_ = 0;
  interval_ = 0;
  begin_interval();
  begin_run();
  return true;
}

bool ScanDecoder::build_tables(const BaselineFile& file) {
  for (std::size_t i = 0; i < components_; ++i) {
    const BaselineComponent& component = file.component[i];
    const int most_bits = most_plain_bits(component.quantization);
    if (!dc_tables_[i].build(component.dc) || !ac_tables_[i].build(component.ac, most_bits)) {
      return false;
    }
    zigzag_quantization_[i] = component.quantization.values;
    for (std::size_t place = 0; place < kBlockSize; ++place) {
      quantization_[i][kOrder[place]] =
          static_cast<std::int16_t>(component.quantization.values[place]);
    }
    const int factor = component.quantization.values[0];
    largest_dc_[i] = factor == 0 ? kLargestProduct : kernels::kLargestColumn / factor;
  }
  return true;
}

// Coefficients lie as their pixels will: in a row of blocks all those of a chunk's units.
void ScanDecoder::lay_out(const BaselineFile& file) {
  units_across_ = file.units_across();
  units_down_ = file.units_down();
  const std::int64_t units = static_cast<std::int64_t>(units_across_) * units_down_;
  interval_units_ = file.restart_interval == 0 ? units : file.restart_interval;
  const std::size_t bytes = kMostBlocks * kChunk * kBlockSize * sizeof(std::int16_t);
  std::uint8_t* memory = coefficients_.reserve(bytes);
  std::memset(memory, 0, bytes);
  auto* next = reinterpret_cast<std::int16_t*>(memory);
  blocks_in_unit_ = 0;
  for (std::size_t i = 0; i < components_; ++i) {
    // Equal tables are looked up in one place, which is then in the cache.
    std::size_t dc = 0;
    while (!dc_tables_[dc].is_like(dc_tables_[i])) ++dc;
    std::size_t ac = 0;
    while (!ac_tables_[ac].is_like(ac_tables_[i])) ++ac;
    across_[i] = file.component[i].across;
    down_[i] = file.component[i].down;
    for (int y = 0; y < down_[i]; ++y) {
      for (int x = 0; x < across_[i]; ++x) {
        std::int16_t* first = next + x * kBlockSize;
        plans_[blocks_in_unit_++] = {
            i,     &dc_tables_[dc], &ac_tables_[ac],
            first, first,           static_cast<std::size_t>(across_[i] * kBlockSize)};
      }
      next += kChunk * across_[i] * kBlockSize;
    }
  }
}

void ScanDecoder::begin_interval() {
  const std::size_t begin = interval_ == 0 ? 0 : data_.ends()[interval_ - 1];
  cursor_.bits = 0;
  cursor_.count = 0;
  cursor_.at = data_.data() + begin;
  limit_ = data_.data() + data_.ends()[interval_] + sizeof cursor_.bits;
  last_dc_ = {};
  units_to_restart_ = interval_units_;
}

// All bytes, and no more than there are.
bool ScanDecoder::has_used_interval() const {
  const auto used =
      (cursor_.at - data_.data()) * 8 - static_cast<std::ptrdiff_t>(cursor_.count & kCountMask);
  const auto there = static_cast<std::ptrdiff_t>(data_.ends()[interval_]) * 8;
  return used <= there && there - used < 8;
}

void ScanDecoder::begin_run() {
  run_ = std::min(kChunk - chunk_units_, units_across_ - chunk_begin_ - chunk_units_);
  run_ = static_cast<int>(std::min<std::int64_t>(run_, units_to_restart_));
  units_to_end_of_run_ = run_;
}

// False where the scan ends, in success or not.
bool ScanDecoder::end_run() {
  chunk_units_ += run_;
  units_to_restart_ -= run_;
  const bool row_ends = chunk_begin_ + chunk_units_ == units_across_;
  if (row_ends || chunk_units_ == kChunk) {
    if (!make_pixels()) return false;
    chunk_begin_ = row_ends ? 0 : chunk_begin_ + chunk_units_;
    chunk_units_ = 0;
    if (row_ends) ++row_;
  }
  if (row_ == units_down_) {
    succeeded_ = has_used_interval();
    return false;
  }
  if (units_to_restart_ == 0) {
    if (!has_used_interval()) return false;
    ++interval_;
    begin_interval();
  }
  begin_run();
  return true;
}

bool ScanDecoder::make_pixels() {
  auto* coefficients = reinterpret_cast<std::int16_t*>(coefficients_.data());
  std::uint8_t* last = last_.data();
  bool in_range = true;
  for (std::size_t i = 0; i < components_; ++i) {
    const BlockPlane& plane = planes_[i];
    const int blocks_before = chunk_begin_ * across_[i];
    for (int y = 0; y < down_[i]; ++y) {
      const std::size_t row = kernels::kBlockSide * static_cast<std::size_t>(row_ * down_[i] + y);
      std::uint8_t* target =
          plane.pixels + row * plane.stride + kernels::kBlockSide * blocks_before;
      in_range &= kernels_.inverse_dct({coefficients, last, chunk_units_ * across_[i],
                                        quantization_[i].data(), target, plane.stride});
      coefficients += kChunk * across_[i] * kBlockSize;
      last += kChunk * across_[i];
    }
  }
  for (std::size_t i = 0; i < blocks_in_unit_; ++i) plans_[i].next = plans_[i].first;
  return in_range;
}

}  // namespace pixtok::decode
