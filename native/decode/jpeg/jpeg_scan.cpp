#include "decode/jpeg/jpeg_scan.h"

#include <limits>

namespace pixtok::decode {

namespace {

constexpr int kCoefficients = 64;
constexpr int kZeroRun = 15;

// A coefficient of `size` bits (T.81, F.2.2.1).
int extended(int bits, int size) { return bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits; }

}  // namespace

JpegStep JpegScan::begin() {
  if (!lay_out_scan(markers_, blocks_, layout_) || !build_tables()) return JpegStep::kBroken;
  to_restart_ = markers_.restart_interval;
  return JpegStep::kDone;
}

bool JpegScan::build_tables() {
  const JpegScanHeader& scan = markers_.scan;
  const bool progressive = markers_.frame.coding == JpegFrame::Coding::kProgressive;
  const bool lossless = markers_.frame.coding == JpegFrame::Coding::kLossless;
  const bool dc_alone = progressive && scan.first == 0;
  using Use = HuffmanDecoder::Use;
  const auto build = [](std::array<HuffmanDecoder, JpegMarkers::kTables>& decoders,
                        const std::array<HuffmanTable, JpegMarkers::kTables>& tables, int number,
                        Use use) {
    const auto place = static_cast<std::size_t>(number);
    return place < tables.size() && tables[place].defined &&
           decoders[place].build(tables[place], use);
  };
  const Use of_dc = lossless ? Use::kDifferences : Use::kDc;
  for (const std::size_t place : scan.components) {
    const JpegComponent& component = markers_.frame.components[place];
    const bool needs_dc = !progressive || (dc_alone && is_first_of_bits());
    const bool needs_ac = progressive ? !dc_alone : !lossless;
    if (needs_dc && !build(dc_, markers_.dc_tables, component.dc_table, of_dc)) return false;
    if (needs_ac && !build(ac_, markers_.ac_tables, component.ac_table, Use::kAc)) return false;
  }
  return true;
}

JpegStep JpegScan::decode_unit() {
  if (markers_.restart_interval != 0 && to_restart_ == 0 && !restart()) {
    return JpegStep::kSuspended;
  }
  // Where the data has run out, nothing looks for more of it.
  if (!bits_.ran_out) {
    bits_.begin();
    const bool decoded = decode_symbols();
    if (overflown_) return JpegStep::kBroken;
    if (!decoded) return JpegStep::kSuspended;
  }
  --to_restart_;
  return JpegStep::kDone;
}

bool JpegScan::decode_symbols() {
  switch (markers_.frame.coding) {
    case JpegFrame::Coding::kSequential:
      return decode_sequential();
    case JpegFrame::Coding::kLossless:
      return decode_differences();
    case JpegFrame::Coding::kProgressive:
      break;
  }
  // The scan ends at a marker, and the image behind others: no symbol moves them. Only sums of
  // differences can become too large.
  const bool sums_up = markers_.scan.first == 0 && is_first_of_bits();
  return !sums_up || decode_first_dc();
}

bool JpegScan::restart() {
  bits_.discard();
  if (markers_.read_restart() != JpegStep::kDone) return false;
  last_dc_.fill(0);
  to_restart_ = markers_.restart_interval;
  if (markers_.unread == 0) bits_.ran_out = false;
  return true;
}

bool JpegScan::decode_differences() {
  constexpr int kHalfOfAll = 16;  // a difference of 32768, without bits
  for (std::size_t i = 0; i < layout_.blocks_in_unit; ++i) {
    const std::size_t place = markers_.scan.components[layout_.components[i]];
    const JpegComponent& component = markers_.frame.components[place];
    int size = 0;
    if (!bits_.decode(dc_[static_cast<std::size_t>(component.dc_table)], size)) return false;
    if (size != 0 && size != kHalfOfAll && !bits_.skip(size)) return false;
  }
  bits_.keep();
  return true;
}

bool JpegScan::decode_sequential() {
  constexpr std::size_t kPlenty = 512;  // bytes for each block
  const bool plenty =
      input_.available() >= kPlenty * layout_.blocks_in_unit && markers_.unread == 0;
  if (plenty && markers_.restart_interval == 0) {
    if (decode_sequential_fast()) return true;
    bits_.begin();
  }
  for (std::size_t i = 0; i < layout_.blocks_in_unit; ++i) {
    const std::size_t place = markers_.scan.components[layout_.components[i]];
    const JpegComponent& component = markers_.frame.components[place];
    int symbol = 0;
    if (!bits_.decode(dc_[static_cast<std::size_t>(component.dc_table)], symbol)) return false;
    if (symbol != 0 && !bits_.skip(symbol)) return false;
    const HuffmanDecoder& ac = ac_[static_cast<std::size_t>(component.ac_table)];
    for (int k = 1; k < kCoefficients; ++k) {
      if (!bits_.decode(ac, symbol)) return false;
      const int size = symbol & 15;
      if (size == 0 && symbol >> 4 != kZeroRun) break;
      k += symbol >> 4;
      if (size != 0 && !bits_.skip(size)) return false;
    }
  }
  bits_.keep();
  return true;
}

bool JpegScan::decode_sequential_fast() {
  for (std::size_t i = 0; i < layout_.blocks_in_unit; ++i) {
    const std::size_t place = markers_.scan.components[layout_.components[i]];
    const JpegComponent& component = markers_.frame.components[place];
    int symbol = 0;
    if (!bits_.decode_fast(dc_[static_cast<std::size_t>(component.dc_table)], symbol)) return false;
    if (symbol != 0 && !bits_.skip_fast(symbol)) return false;
    const HuffmanDecoder& ac = ac_[static_cast<std::size_t>(component.ac_table)];
    for (int k = 1; k < kCoefficients; ++k) {
      if (!bits_.decode_fast(ac, symbol)) return false;
      const int size = symbol & 15;
      if (size == 0 && symbol >> 4 != kZeroRun) break;
      k += symbol >> 4;
      if (size != 0 && !bits_.skip_fast(size)) return false;
    }
  }
  bits_.keep();
  return true;
}

bool JpegScan::decode_first_dc() {
  std::array<std::int64_t, JpegMarkers::kTables> last = last_dc_;
  for (std::size_t i = 0; i < layout_.blocks_in_unit; ++i) {
    const std::size_t of_scan = layout_.components[i];
    const JpegComponent& component = markers_.frame.components[markers_.scan.components[of_scan]];
    int size = 0;
    int value = 0;
    if (!bits_.decode(dc_[static_cast<std::size_t>(component.dc_table)], size)) return false;
    if (size != 0) {
      if (!bits_.get(size, value)) return false;
      last[of_scan] += extended(value, size);
    }
    using Limits = std::numeric_limits<std::int32_t>;
    overflown_ = last[of_scan] > Limits::max() || last[of_scan] < Limits::min();
    if (overflown_) return false;
  }
  last_dc_ = last;
  bits_.keep();
  return true;
}

}  // namespace pixtok::decode
