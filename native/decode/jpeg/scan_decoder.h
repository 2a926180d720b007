#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/aligned_buffer.h"
#include "decode/jpeg/baseline_file.h"
#include "decode/jpeg/scan_data.h"
#include "decode/jpeg/symbol_table.h"
#include "kernels/idct/idct_kernels.h"

namespace pixtok::decode {

// Where a component's pixels go: whole blocks of whole units.
struct BlockPlane {
  std::uint8_t* pixels = nullptr;
  std::size_t stride = 0;
};

// The scan of a baseline file, from its bits to the planes of its components: symbol by symbol to
// the coefficients of a few units (T.81, F.2.2), and these to pixels while they are in the cache.
class ScanDecoder {
 public:
  // The arguments must outlive the object.
  ScanDecoder(const kernels::IdctKernels& kernels, const ScanData& data)
      : kernels_(kernels), data_(data) {}

  // False where the tables are not what libjpeg takes. Precondition: `data` has been read for this
  // file. Throws std::bad_alloc.
  bool begin(const BaselineFile& file, const std::array<BlockPlane, 3>& planes);

  // To its end. False where something is odd: what has been written does not matter then.
  // Precondition: begin() has succeeded, and this has not been called since.
  bool decode();

 private:
  using Entry = AcTable::Entry;

  // What changes with every symbol: kept in registers while one is decoded after another.
  struct Cursor {
    std::uint64_t bits = 0;  // those to come, from the top
    unsigned count = 0;      // how many of them are known to be right, in its low six bits
    const std::uint8_t* at = nullptr;  // where the next ones are
    const Entry* table = nullptr;
    std::int16_t* block = nullptr;
    unsigned place = 0;  // of the last coefficient, in zigzag order
  };

  // A block of a unit.
  struct BlockPlan {
    std::size_t component = 0;
    const DcTable* dc = nullptr;
    const AcTable* ac = nullptr;
    std::int16_t* next = nullptr;  // coefficients of the unit to come
    std::int16_t* first = nullptr;
    std::size_t step = 0;  // from one unit's to the next
  };

  static constexpr std::size_t kMostBlocks = 6;  // of a unit
  // Units whose coefficients are kept. A multiple of kernels::kMostBlocksAtOnce.
  static constexpr int kChunk = 8;

  static void refill(Cursor& cursor);
  static void take(Cursor& cursor, unsigned bits);
  static unsigned leading(const Cursor& cursor, int bits);
  void keep(const Cursor& cursor);
  void take_up(Cursor& cursor) const;
  bool step(Cursor& cursor);
  bool turn(Cursor& cursor, Entry entry);
  bool end_block(Cursor& cursor);
  bool begin_block(Cursor& cursor);
  bool add_coefficient(Cursor& cursor, unsigned symbol);
  bool find_long_dc();
  bool find_long_ac();
  bool find_long(const CodeBook& codes);

  bool build_tables(const BaselineFile& file);
  void lay_out(const BaselineFile& file);
  bool end_run();
  void begin_run();
  void begin_interval();
  bool has_used_interval() const;
  bool make_pixels();

  const kernels::IdctKernels& kernels_;
  const ScanData& data_;
  std::array<DcTable, 3> dc_tables_;
  std::array<AcTable, 3> ac_tables_;

  Cursor cursor_;
  bool succeeded_ = false;
  unsigned symbol_ = 0;                  // what find_long_dc() and find_long_ac() give
  const std::uint8_t* limit_ = nullptr;  // a cursor past it has used more than the interval
  std::array<BlockPlan, kMostBlocks> plans_;
  std::size_t blocks_in_unit_ = 0;
  std::size_t block_ = 0;        // of the unit
  int units_to_end_of_run_ = 0;  // a run: units of one chunk and interval
  int run_ = 0;
  std::array<int, 3> last_dc_{};
  std::array<int, 3> largest_dc_{};

  int units_across_ = 0;
  int units_down_ = 0;
  int row_ = 0;          // of units
  int chunk_begin_ = 0;  // in units of the row
  int chunk_units_ = 0;  // that are done
  std::size_t interval_ = 0;
  std::int64_t interval_units_ = 0;
  std::int64_t units_to_restart_ = 0;

  std::size_t components_ = 0;
  std::array<int, 3> across_{};
  std::array<int, 3> down_{};
  std::array<BlockPlane, 3> planes_;
  // In zigzag order and in that of rows.
  std::array<std::array<std::uint16_t, kernels::kBlockSize>, 3> zigzag_quantization_{};
  std::array<std::array<std::int16_t, kernels::kBlockSize>, 3> quantization_{};
  core::ScratchBuffer coefficients_;
  std::array<std::uint8_t, kMostBlocks * kChunk> last_{};  // see BlockRow
};

}  // namespace pixtok::decode
