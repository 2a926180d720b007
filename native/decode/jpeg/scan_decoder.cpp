#include "decode/jpeg/scan_decoder.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace pixtok::decode {

namespace {

using kernels::kBlockSize;

constexpr unsigned kLastPlace = kBlockSize - 1;
constexpr int kCodeBits = 16;
constexpr int kMostAcBits = 10;  // of a coefficient of an image of 8 bits (T.81, F.1.2.2)
constexpr int kMostDcBits = 11;  // of a difference
constexpr int kLargestProduct = 32767;

// From zigzag order to that of rows (T.81, figure A.6).
constexpr std::array<std::uint8_t, kBlockSize> kOrder = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

std::uint64_t big_endian(const std::uint8_t* from) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | from[i];
  return value;
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

// At least 56 bits. Reads eight bytes, and goes on by those of which every bit is taken.
[[gnu::always_inline]] inline void ScanDecoder::refill(Cursor& cursor) {
  cursor.bits |= big_endian(cursor.at) >> cursor.count;
  cursor.at += (63 - cursor.count) >> 3;
  cursor.count |= 56;
}

[[gnu::always_inline]] inline void ScanDecoder::take(Cursor& cursor, int bits) {
  cursor.bits <<= bits & 63;
  cursor.count -= static_cast<unsigned>(bits);
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

// One symbol of AC. False where the scan has ended. Precondition: SymbolTable::kBits bits are
// there.
[[gnu::always_inline]] inline bool ScanDecoder::step(Cursor& cursor) {
  const Entry entry = cursor.table[cursor.bits >> (64 - SymbolTable::kBits)];
  cursor.place += SymbolTable::advance(entry);
  take(cursor, SymbolTable::bits(entry));
  if (cursor.place >= kLastPlace) return turn(cursor, entry);
  cursor.block[kOrder[cursor.place]] = SymbolTable::value(entry);
  return true;
}

// What is not one more coefficient in the middle of a block.
[[gnu::always_inline]] inline bool ScanDecoder::turn(Cursor& cursor, Entry entry) {
  if (SymbolTable::advance(entry) == SymbolTable::kEndOfBlock) {
    cursor.place -= SymbolTable::kEndOfBlock;
    return end_block(cursor);
  }
  if (cursor.place == kLastPlace) {
    cursor.block[kLastPlace] = SymbolTable::value(entry);
    return end_block(cursor);
  }
  // What is called gets the cursor through memory, so that it need not be there all the time.
  keep(cursor);
  const Symbol symbol = decode_long(entry);
  take_up(cursor);
  if (symbol == Symbol::kCoefficient) return true;
  return symbol == Symbol::kEndOfBlock && end_block(cursor);
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

// With its DC coefficient. Leaves bits for what step() is called for before the next refill.
[[gnu::always_inline]] inline bool ScanDecoder::begin_block(Cursor& cursor) {
  BlockPlan& plan = plans_[block_];
  cursor.block = plan.next;
  plan.next += plan.step;
  refill(cursor);
  const Entry entry = plan.dc->entries()[cursor.bits >> (64 - SymbolTable::kBits)];
  int difference = SymbolTable::value(entry);
  take(cursor, SymbolTable::bits(entry));
  if (SymbolTable::advance(entry) != 1) {
    keep(cursor);
    const bool decoded = decode_long_dc(entry);
    take_up(cursor);
    if (!decoded) return false;
    difference = difference_;
  }
  const int dc = last_dc_[plan.component] + difference;
  if (std::abs(dc) > largest_dc_[plan.component]) return false;
  last_dc_[plan.component] = dc;
  cursor.block[0] = static_cast<std::int16_t>(dc);
  cursor.table = plan.ac->entries();
  cursor.place = 0;
  return true;
}

// The symbol that an entry of the table has not whole; its code's bits are taken.
bool ScanDecoder::find(Entry entry, const SymbolTable& table, int& symbol) {
  if (SymbolTable::advance(entry) == SymbolTable::kPartial) {
    symbol = SymbolTable::value(entry);
    return true;
  }
  if (SymbolTable::advance(entry) != SymbolTable::kLong) return false;
  int length = 0;
  if (!table.find(leading(cursor_, kCodeBits), symbol, length)) return false;
  take(cursor_, length);
  return true;
}

ScanDecoder::Symbol ScanDecoder::decode_long(Entry entry) {
  constexpr int kZeroRun = 15;
  cursor_.place -= SymbolTable::advance(entry);
  refill(cursor_);
  const BlockPlan& plan = plans_[block_];
  int symbol = 0;
  if (!find(entry, *plan.ac, symbol)) return Symbol::kOdd;
  const int run = symbol >> 4;
  const int size = symbol & 15;
  if (size == 0 && run == 0) return Symbol::kEndOfBlock;
  if (size > kMostAcBits || (size == 0 && run != kZeroRun)) return Symbol::kOdd;
  cursor_.place += static_cast<unsigned>(run) + 1;
  if (cursor_.place > kLastPlace) return Symbol::kOdd;
  if (size != 0) {
    const int value = extended(static_cast<int>(leading(cursor_, size)), size);
    take(cursor_, size);
    const int factor = zigzag_quantization_[plan.component][cursor_.place];
    if (std::abs(value) * factor > kLargestProduct) return Symbol::kOdd;
    cursor_.block[kOrder[cursor_.place]] = static_cast<std::int16_t>(value);
  }
  refill(cursor_);
  return cursor_.place == kLastPlace ? Symbol::kEndOfBlock : Symbol::kCoefficient;
}

bool ScanDecoder::decode_long_dc(Entry entry) {
  int size = 0;
  if (!find(entry, *plans_[block_].dc, size) || size > kMostDcBits) return false;
  difference_ = 0;
  if (size != 0) {
    difference_ = extended(static_cast<int>(leading(cursor_, size)), size);
    take(cursor_, size);
  }
  refill(cursor_);
  return true;
}

bool ScanDecoder::decode() {
  if (!running_) return succeeded_;
  running_ = false;
  Cursor cursor;
  take_up(cursor);
  for (;;) {
    refill(cursor);
    for (int i = 0; i < kSymbolsAtOnce; ++i) {
      if (!step(cursor)) return succeeded_;
    }
  }
}

// The scan that has not ended goes on alone.
void ScanDecoder::decode_in_turns(ScanDecoder& first, ScanDecoder& second) {
  second.share_tables(first);
  if (first.running_ && second.running_) {
    Cursor a;
    Cursor b;
    first.take_up(a);
    second.take_up(b);
    for (;;) {
      refill(a);
      refill(b);
      for (int i = 0; i < kSymbolsAtOnce; ++i) {
        if (!first.step(a)) {
          first.running_ = false;
          second.keep(b);
          return void(second.decode());
        }
        if (!second.step(b)) {
          second.running_ = false;
          first.keep(a);
          return void(first.decode());
        }
      }
    }
  }
  (void)first.decode();
  (void)second.decode();
}

// ---- units ----

bool ScanDecoder::begin(const BaselineFile& file, const std::array<BlockPlane, 3>& planes) {
  running_ = succeeded_ = false;
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
  running_ = begin_block(cursor_);
  return true;
}

bool ScanDecoder::build_tables(const BaselineFile& file) {
  for (std::size_t i = 0; i < components_; ++i) {
    const BaselineComponent& component = file.component[i];
    const int most_bits = most_plain_bits(component.quantization);
    if (!dc_tables_[i].build(component.dc, true, kMostDcBits) ||
        !ac_tables_[i].build(component.ac, false, most_bits)) {
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

void ScanDecoder::share_tables(const ScanDecoder& other) {
  for (std::size_t i = 0; i < blocks_in_unit_; ++i) {
    for (std::size_t j = 0; j < other.blocks_in_unit_; ++j) {
      if (plans_[i].dc->is_like(*other.plans_[j].dc)) plans_[i].dc = other.plans_[j].dc;
      if (plans_[i].ac->is_like(*other.plans_[j].ac)) plans_[i].ac = other.plans_[j].ac;
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
  const auto used = (cursor_.at - data_.data()) * 8 - static_cast<std::ptrdiff_t>(cursor_.count);
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
