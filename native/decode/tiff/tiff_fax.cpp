#include "decode/tiff/tiff_fax.h"

#include <algorithm>
#include <cstring>

#include "decode/image_fault.h"
#include "decode/tiff/tiff_fax_codes.h"

namespace pixtok::decode {

namespace {

using core::Bytes;
using core::Status;
using Kind = FaxCode::Kind;

// libtiff takes no more faults of one kind in a strip.
constexpr int kMostFaults = 8192;
constexpr int kEndOfLineBits = 11;

Status too_little() { return corrupt("its pixels end early"); }

}  // namespace

bool TiffFax::Bits::need(int bits) {
  while (count_ < bits) {
    if (at_ == packed_.size) {
      if (count_ == 0) return false;
      held_ <<= bits - count_;
      count_ = bits;
    } else {
      held_ = held_ << 8 | packed_.data[at_++];
      count_ += 8;
    }
  }
  return true;
}

TiffFax::TiffFax(FaxCoding coding, std::uint32_t width) : coding_(coding), width_(width) {
  constexpr std::size_t kUnit = 32;
  most_runs_ = (static_cast<std::size_t>(width) + 1 + kUnit - 1) / kUnit * kUnit;
  if (coding == FaxCoding::kGroup3Mixed || coding == FaxCoding::kGroup4) most_runs_ *= 2;
  runs_.resize(2 * most_runs_);
  has_ends_of_lines_ = coding == FaxCoding::kGroup3 || coding == FaxCoding::kGroup3Mixed;
}

Status TiffFax::unpack(Bytes packed, std::uint8_t* unpacked, std::size_t size,
                       const std::uint8_t* before) {
  const std::size_t row_bytes = (static_cast<std::size_t>(width_) + 7) / 8;
  bits_ = Bits(packed);
  row_ = 0;
  above_ = most_runs_;
  runs_[above_] = static_cast<std::uint32_t>(width_);
  runs_[above_ + 1] = 0;
  at_end_of_line_ = false;
  bad_codes_ = bad_lengths_ = ends_ = 0;
  for (std::size_t to = 0; to < size; to += row_bytes) {
    if (std::max({bad_codes_, bad_lengths_, ends_}) >= kMostFaults) return too_little();
    Step step = find_row();
    if (step == Step::kEnds && !has_ends_of_lines_) {
      // No line ends: they are tried again, from the first on, as if no line had to.
      bits_ = Bits(packed);
      step = Step::kDone;
    }
    if (step == Step::kDone) step = read_row();
    if (step == Step::kBroken) return corrupt("its rows have more runs than pixels");
    const bool is_last = coding_ == FaxCoding::kGroup4 && (step == Step::kEnds || at_end_of_line_);
    if (step == Step::kEnds && (!is_last || to == 0)) return too_little();
    if (is_last && to == 0) return too_little();
    fill(unpacked + to);
    if (is_last) {
      const std::size_t rest = to + row_bytes;
      if (rest < size && before == nullptr) return truncated("it has fewer rows than it declares");
      if (rest < size) std::memcpy(unpacked + rest, before + rest, size - rest);
      return Status::success();
    }
    if (coding_ == FaxCoding::kRows) bits_.drop_to_byte();
    if (coding_ == FaxCoding::kGroup3Mixed || coding_ == FaxCoding::kGroup4) {
      if (coding_ == FaxCoding::kGroup4 || count_ < most_runs_) {
        if (!add_run(0)) return corrupt("its rows have more runs than pixels");
      }
      std::swap(row_, above_);
    }
  }
  return Status::success();
}

// Behind the end of a line, where lines have ends.
TiffFax::Step TiffFax::find_row() {
  count_ = 0;
  at_ = pending_ = 0;
  if (!has_ends_of_lines_) return Step::kDone;
  if (!at_end_of_line_) {
    for (;;) {
      if (!bits_.need(kEndOfLineBits)) return Step::kEnds;
      if (bits_.peek(kEndOfLineBits) == 0) break;
      bits_.drop(1);
    }
  }
  for (;;) {
    if (!bits_.need(8)) {
      has_ends_of_lines_ = false;
      return Step::kEnds;
    }
    if (bits_.peek(8) != 0) break;
    bits_.drop(8);
  }
  while (bits_.peek(1) == 0) bits_.drop(1);
  bits_.drop(1);
  at_end_of_line_ = false;
  return Step::kDone;
}

TiffFax::Step TiffFax::read_row() {
  next_ = above_;
  bool is_mixed = coding_ == FaxCoding::kGroup4;
  if (coding_ == FaxCoding::kGroup3Mixed) {
    if (!bits_.need(1)) return Step::kEnds;
    is_mixed = bits_.peek(1) == 0;
    bits_.drop(1);
  }
  Step step = is_mixed ? read_modes() : read_runs();
  if (step == Step::kBroken) return step;
  if (step == Step::kEnds) ++ends_;
  return complete() ? step : Step::kBroken;
}

// The codes of a run. `is_run` false: there is a code that is not one of a run.
template <typename Table>
TiffFax::Step TiffFax::read_run(const Table& table, int bits, bool& is_run) {
  is_run = true;
  for (;;) {
    if (!bits_.need(bits)) return Step::kEnds;
    const FaxCode code = table[bits_.peek(bits)];
    bits_.drop(code.bits);
    switch (code.kind) {
      case Kind::kLast:
        return add_run(code.value) ? Step::kDone : Step::kBroken;
      case Kind::kPart:
        at_ += code.value;
        pending_ += code.value;
        break;
      default:
        is_run = false;
        at_end_of_line_ = code.kind == Kind::kEndOfLine;
        return Step::kDone;
    }
  }
}

TiffFax::Step TiffFax::read_runs() {
  const FaxCodes& codes = fax_codes();
  for (bool is_white = true;; is_white = !is_white) {
    bool is_run = false;
    const Step step = is_white ? read_run(codes.white, FaxCodes::kWhiteBits, is_run)
                               : read_run(codes.black, FaxCodes::kBlackBits, is_run);
    if (step != Step::kDone) return step;
    if (!is_run) {
      if (!at_end_of_line_) bad_code();
      return Step::kDone;
    }
    if (at_ >= width_) return Step::kDone;
    const std::size_t end = row_ + count_;
    if (!is_white && runs_[end - 1] == 0 && runs_[end - 2] == 0) count_ -= 2;
  }
}

TiffFax::Step TiffFax::read_modes() {
  const FaxCodes& codes = fax_codes();
  edge_ = runs_[next_++];
  while (at_ < width_) {
    if (count_ >= most_runs_) return Step::kBroken;
    if (!bits_.need(FaxCodes::kModeBits)) return Step::kEnds;
    const FaxCode code = codes.modes[bits_.peek(FaxCodes::kModeBits)];
    bits_.drop(code.bits);
    switch (code.kind) {
      case Kind::kPass:
        if (!find_edge() || next_ + 1 >= above_ + most_runs_) return Step::kBroken;
        edge_ += runs_[next_++];
        pending_ += edge_ - at_;
        at_ = edge_;
        edge_ += runs_[next_++];
        break;
      case Kind::kHorizontal: {
        bool is_white = count_ % 2 == 0;
        for (int run = 0; run < 2; ++run, is_white = !is_white) {
          bool is_run = false;
          const Step step = is_white ? read_run(codes.white, FaxCodes::kWhiteBits, is_run)
                                     : read_run(codes.black, FaxCodes::kBlackBits, is_run);
          if (step != Step::kDone) return step;
          if (!is_run) {
            at_end_of_line_ = false;
            bad_code();
            return Step::kDone;
          }
        }
        if (!find_edge()) return Step::kBroken;
        break;
      }
      case Kind::kVertical:
        if (!find_edge()) return Step::kBroken;
        if (edge_ < at_ - code.value) {
          bad_code();
          return Step::kDone;
        }
        if (!add_run(edge_ - at_ + code.value)) return Step::kBroken;
        if (code.value >= 0) {
          if (next_ >= above_ + most_runs_) return Step::kBroken;
          edge_ += runs_[next_++];
        } else {
          if (next_ == above_) return Step::kBroken;
          edge_ -= runs_[--next_];
        }
        break;
      case Kind::kEndOfLine:
      case Kind::kExtension:
        runs_[row_ + count_++] = static_cast<std::uint32_t>(width_ - at_);
        if (code.kind == Kind::kExtension) {
          bad_code();
          return Step::kDone;
        }
        if (!bits_.need(4)) return Step::kEnds;
        if (bits_.peek(4) != 0) bad_code();
        bits_.drop(4);
        at_end_of_line_ = true;
        return Step::kDone;
      default:
        bad_code();
        return Step::kDone;
    }
  }
  if (pending_ != 0) {
    if (pending_ + at_ < width_) {
      // a run up to an edge is to end there
      if (!bits_.need(1)) return Step::kEnds;
      if (bits_.peek(1) == 0) {
        bad_code();
        return Step::kDone;
      }
      bits_.drop(1);
    }
    if (!add_run(0)) return Step::kBroken;
  }
  return Step::kDone;
}

// The next edge of the row above that is behind this row's last run.
bool TiffFax::find_edge() {
  if (count_ == 0) return true;
  while (edge_ <= at_ && edge_ < width_) {
    if (next_ + 1 >= above_ + most_runs_) return false;
    edge_ += static_cast<std::int64_t>(runs_[next_]) + runs_[next_ + 1];
    next_ += 2;
  }
  return true;
}

bool TiffFax::add_run(std::int64_t length) {
  if (count_ >= most_runs_) return false;
  runs_[row_ + count_++] = static_cast<std::uint32_t>(pending_ + length);
  at_ += length;
  pending_ = 0;
  return true;
}

// Makes this row's runs as long as a row: the last ones go, or white comes behind them.
bool TiffFax::complete() {
  if (pending_ != 0 && !add_run(0)) return false;
  if (at_ == width_) return true;
  ++bad_lengths_;
  while (at_ > width_ && count_ > 0) {
    at_ -= static_cast<std::int32_t>(runs_[row_ + --count_]);
  }
  if (at_ < width_) {
    at_ = std::max<std::int64_t>(at_, 0);
    if (count_ % 2 == 1) static_cast<void>(add_run(0));  // an even number is the most
    return add_run(width_ - at_);
  }
  return at_ == width_ || (add_run(width_) && add_run(0));
}

void TiffFax::fill(std::uint8_t* row) {
  const auto width = static_cast<std::uint32_t>(width_);
  const std::size_t row_bytes = (static_cast<std::size_t>(width) + 7) / 8;
  std::memset(row, 0, row_bytes);
  std::uint32_t at = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    std::uint32_t& run = runs_[row_ + i];
    run = std::min(run, width - at);
    const std::uint32_t end = at + run;
    if (i % 2 == 1 && run > 0) {
      const std::uint32_t first = at / 8;
      const std::uint32_t last = (end - 1) / 8;
      const auto left = static_cast<std::uint8_t>(0xFF >> (at % 8));
      const auto right = static_cast<std::uint8_t>(0xFF << (7 - (end - 1) % 8));
      if (first == last) {
        row[first] = static_cast<std::uint8_t>(row[first] | (left & right));
      } else {
        row[first] = static_cast<std::uint8_t>(row[first] | left);
        std::memset(row + first + 1, 0xFF, last - first - 1);
        row[last] = static_cast<std::uint8_t>(row[last] | right);
      }
    }
    at = end;
  }
}

}  // namespace pixtok::decode
