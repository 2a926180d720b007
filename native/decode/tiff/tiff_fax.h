#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/bytes.h"
#include "core/status.h"

namespace pixtok::decode {

enum class FaxCoding {
  kRows,         // each row begins with a byte (TIFF's compression 2)
  kGroup3,       // T.4, of one dimension
  kGroup3Mixed,  // T.4, where each row says of how many it is
  kGroup4,       // T.6
};

// Undoes CCITT's compressions of bilevel images as libtiff 4.7 does: the rest of a row with a code
// word that is none is white, and decoding goes on behind it. For the strips or tiles of one image,
// in their order: what is left over of one shows in a damaged one behind it.
class TiffFax {
 public:
  // Throws std::bad_alloc.
  TiffFax(FaxCoding coding, std::uint32_t width);

  // `size` bytes at `unpacked`: rows from the top, each from a byte on, a pixel a bit,
  // black is 1. Rows that a strip does not have are those of `before`, the strip before it of the
  // same size, or null; fails where there are none, or where libtiff does. `packed` has the first
  // pixel in the highest bit.
  core::Status unpack(core::Bytes packed, std::uint8_t* unpacked, std::size_t size,
                      const std::uint8_t* before);

 private:
  // The highest bit of a byte first. Behind the last one there are zeros, as many as the code that
  // is read with the last one's rest needs.
  class Bits {
   public:
    Bits() = default;
    explicit Bits(core::Bytes packed) : packed_(packed) {}

    // False where no bit is left; then none is.
    bool need(int bits);
    // Preconditions of both: no more than need() has had.
    unsigned peek(int bits) const { return (held_ >> (count_ - bits)) & ((1U << bits) - 1); }
    void drop(int bits) { count_ -= bits; }
    void drop_to_byte() { count_ -= count_ & 7; }

   private:
    core::Bytes packed_{};
    std::size_t at_ = 0;
    std::uint32_t held_ = 0;
    int count_ = 0;
  };

  enum class Step { kDone, kEnds, kBroken };

  Step read_row();
  Step find_row();
  Step read_runs();
  Step read_modes();
  template <typename Table>
  Step read_run(const Table& table, int bits, bool& is_run);
  bool find_edge();
  bool add_run(std::int64_t length);
  bool complete();
  void bad_code() { ++bad_codes_; }
  void fill(std::uint8_t* row);

  FaxCoding coding_;
  std::int64_t width_;
  std::size_t most_runs_;
  std::vector<std::uint32_t> runs_;  // of this row, and behind them of the one above it
  std::size_t row_ = 0;              // where this row's begin
  std::size_t above_ = 0;
  bool has_ends_of_lines_ = true;

  Bits bits_;
  std::size_t count_ = 0;     // of this row's runs
  std::size_t next_ = 0;      // of the row above
  std::int64_t at_ = 0;       // the pixel behind the last run
  std::int64_t edge_ = 0;     // of the row above
  std::int64_t pending_ = 0;  // of a run of several codes
  bool at_end_of_line_ = false;
  int bad_codes_ = 0;
  int bad_lengths_ = 0;
  int ends_ = 0;
};

}  // namespace pixtok::decode
