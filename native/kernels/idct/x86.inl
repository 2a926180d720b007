// Included in a target region after the instruction set's vectors: a block of coefficients in every
// lane. Row y of the blocks is one vector of 16-bit numbers.

namespace {

using namespace idct;

constexpr int kBlockBytes = 2 * kBlockSize;

// Factors of two interleaved 16-bit numbers, the even one's first.
inline Vector factors(const int (&pair)[2]) {
  return all32(static_cast<int>(static_cast<unsigned>(pair[1]) << 16 |
                                (static_cast<unsigned>(pair[0]) & 0xFFFFU)));
}

// Numbers of a and b in turns, in each lane; those of the lower or of the upper half.
//
//   a0 a1 .. a7, b0 b1 .. b7   ->   a0 b0 a1 b1 a2 b2 a3 b3, or a4 b4 .. a7 b7
template <bool kHigh>
inline Vector zip(Vector a, Vector b) {
  return kHigh ? high16(a, b) : low16(a, b);
}

// From the lower or the upper halves of the inputs to the sums and differences that become outputs
// 0 to 7. Of a quarter, inputs 4 to 7 are zero.
template <bool kQuarter, bool kHigh>
inline void mix(const Vector (&in)[8], int bias, Vector (&out)[8]) {
  constexpr int kPlus[2] = {kOne, kOne};
  constexpr int kMinus[2] = {kOne, -kOne};
  const Vector zero = zeros();
  const Vector in_0_4 = zip<kHigh>(in[0], kQuarter ? zero : in[4]);
  const Vector in_2_6 = zip<kHigh>(in[2], kQuarter ? zero : in[6]);
  const Vector in_1_3 = zip<kHigh>(in[1], in[3]);
  const Vector in_5_7 = kQuarter ? zero : zip<kHigh>(in[5], in[7]);
  const Vector sum = add32(multiply_add16(in_0_4, factors(kPlus)), all32(bias));
  const Vector difference =
      kQuarter ? sum : add32(multiply_add16(in_0_4, factors(kMinus)), all32(bias));
  const Vector outer = multiply_add16(in_2_6, factors(kEven[0]));
  const Vector inner = multiply_add16(in_2_6, factors(kEven[1]));
  const Vector even[4] = {add32(sum, outer), add32(difference, inner), sub32(difference, inner),
                          sub32(sum, outer)};
  for (int i = 0; i < 4; ++i) {
    const int low[2] = {kOdd[i][0], kOdd[i][1]};
    const int high[2] = {kOdd[i][2], kOdd[i][3]};
    Vector odd = multiply_add16(in_1_3, factors(low));
    if (!kQuarter) odd = add32(odd, multiply_add16(in_5_7, factors(high)));
    out[i] = add32(even[i], odd);
    out[7 - i] = sub32(even[i], odd);
  }
}

template <bool kQuarter, int kShift>
inline void pass(Vector (&rows)[8], int bias) {
  Vector low[8];
  Vector high[8];
  mix<kQuarter, false>(rows, bias, low);
  mix<kQuarter, true>(rows, bias, high);
  for (int i = 0; i < 8; ++i) {
    rows[i] = pack32(arithmetic_right32<kShift>(low[i]), arithmetic_right32<kShift>(high[i]));
  }
}

// Rows become columns, in each lane; in a quarter, columns 4 to 7 do not matter. Number ij is row
// i's, in column j.
//
//   rows          00 01 .. 07   10 .. 17   20 .. 27   30 .. 37      and 4 to 7
//   left_0_1      00 10 01 11 02 12 03 13      right_0_1    04 14 05 15 06 16 07 17
//   left_2_3      20 30 21 31 22 32 23 33      right_2_3    24 34 25 35 26 36 27 37
//   upper[0]      00 10 20 30 01 11 21 31      upper[1]     02 12 22 32 03 13 23 33
//   lower[0]      40 50 60 70 41 51 61 71      lower[1]     42 52 62 72 43 53 63 73
//   rows[0]       00 10 20 30 40 50 60 70      rows[1]      01 11 21 31 41 51 61 71
template <bool kQuarter>
inline void transpose(Vector (&rows)[8]) {
  Vector upper[4];  // of rows 0 to 3, columns 0 1, 2 3, 4 5 and 6 7
  Vector lower[4];
  const auto zip = [](const Vector* from, Vector* to) {
    const Vector left_0_1 = low16(from[0], from[1]);
    const Vector left_2_3 = low16(from[2], from[3]);
    to[0] = low32(left_0_1, left_2_3);
    to[1] = high32(left_0_1, left_2_3);
    if (kQuarter) return;
    const Vector right_0_1 = high16(from[0], from[1]);
    const Vector right_2_3 = high16(from[2], from[3]);
    to[2] = low32(right_0_1, right_2_3);
    to[3] = high32(right_0_1, right_2_3);
  };
  zip(rows, upper);
  zip(rows + 4, lower);
  for (int i = 0; i < (kQuarter ? 2 : 4); ++i) {
    rows[2 * i] = low64(upper[i], lower[i]);
    rows[2 * i + 1] = high64(upper[i], lower[i]);
  }
}

// The columns of pixels to rows of bytes, in each lane. Byte ij is column i's, in row j.
//
//   packed_0_1    00 01 .. 07 10 11 .. 17      packed_4_5   40 41 .. 47 50 51 .. 57
//   of_0_4        00 40 01 41 02 42 .. 07 47   of_1_5       10 50 11 51 .. 17 57
//   even_upper    00 20 40 60 01 21 41 61 02 22 42 62 03 23 43 63
//   odd_upper     10 30 50 70 11 31 51 71 12 32 52 72 13 33 53 73
//   stored        00 10 20 30 40 50 60 70  01 11 21 31 41 51 61 71      rows 0 and 1
inline void store_pixels(const Vector (&columns)[8], std::uint8_t* target, std::size_t stride) {
  const Vector packed_0_1 = pack16(columns[0], columns[1]);
  const Vector packed_2_3 = pack16(columns[2], columns[3]);
  const Vector packed_4_5 = pack16(columns[4], columns[5]);
  const Vector packed_6_7 = pack16(columns[6], columns[7]);
  // Named by the columns that stand in turns.
  const Vector of_0_4 = low8(packed_0_1, packed_4_5);
  const Vector of_1_5 = high8(packed_0_1, packed_4_5);
  const Vector of_2_6 = low8(packed_2_3, packed_6_7);
  const Vector of_3_7 = high8(packed_2_3, packed_6_7);
  const Vector even_upper = low8(of_0_4, of_2_6);
  const Vector even_lower = high8(of_0_4, of_2_6);
  const Vector odd_upper = low8(of_1_5, of_3_7);
  const Vector odd_lower = high8(of_1_5, of_3_7);
  store_block_rows(target, stride, low8(even_upper, odd_upper));
  store_block_rows(target + 2 * stride, stride, high8(even_upper, odd_upper));
  store_block_rows(target + 4 * stride, stride, low8(even_lower, odd_lower));
  store_block_rows(target + 6 * stride, stride, high8(even_lower, odd_lower));
}

// kLanes blocks. Gives the sums of the columns' absolute values.
template <bool kQuarter>
inline Vector transform(std::int16_t* coefficients, const std::int16_t* quantization,
                        std::uint8_t* target, std::size_t stride) {
  constexpr std::int32_t kOffsets[] = {0, kBlockBytes, 2 * kBlockBytes, 3 * kBlockBytes};
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(coefficients);
  const auto* factor_bytes = reinterpret_cast<const std::int8_t*>(quantization);
  constexpr int kRows = kQuarter ? 4 : 8;
  Vector rows[8];
  Vector sums = zeros();
  for (int y = 0; y < kRows; ++y) {
    rows[y] = multiply16(load_lanes(bytes + 16 * y, kOffsets), repeat_lane(factor_bytes + 16 * y));
    sums = add_saturated16(sums, absolute16(rows[y]));
  }
  for (int y = kRows; y < 8; ++y) rows[y] = zeros();
  for (int i = 0; i < kLanes * kBlockBytes; i += kVectorBytes) {
    store(reinterpret_cast<std::uint8_t*>(coefficients) + i, zeros());
  }
  pass<kQuarter, kFirstShift>(rows, 1 << (kFirstShift - 1));
  transpose<kQuarter>(rows);
  pass<kQuarter, kSecondShift>(rows, (128 << kSecondShift) + (1 << (kSecondShift - 1)));
  store_pixels(rows, target, stride);
  return sums;
}

inline bool store_flat(std::int16_t* coefficients, int quantization, std::uint8_t* target,
                       std::size_t stride) {
  const int mean = coefficients[0] * quantization;
  coefficients[0] = 0;
  const std::uint64_t pixels = flat_pixel(mean) * UINT64_C(0x0101010101010101);
  for (int y = 0; y < kBlockSide; ++y) __builtin_memcpy(target + y * stride, &pixels, 8);
  return mean <= kLargestColumn && mean >= -kLargestColumn;
}

bool inverse_dct(const BlockRow& row) {
  Vector worst = zeros();
  bool in_range = true;
  alignas(64) std::uint8_t aside[kBlockSize * kLanes];
  for (int block = 0; block < row.blocks; block += kLanes) {
    std::int16_t* coefficients = row.coefficients + kBlockSize * block;
    std::uint8_t* target = row.target + kBlockSide * block;
    const int blocks = row.blocks - block < kLanes ? row.blocks - block : kLanes;
    int last = 0;
    for (int i = 0; i < blocks; ++i) last = row.last[block + i] > last ? row.last[block + i] : last;
    if (last == 0) {
      for (int i = 0; i < blocks; ++i) {
        in_range &= store_flat(coefficients + kBlockSize * i, row.quantization[0],
                               target + kBlockSide * i, row.stride);
      }
      continue;
    }
    // Blocks that are fewer than lanes must not be followed by pixels that are nobody's.
    const bool whole = blocks == kLanes;
    std::uint8_t* pixels = whole ? target : aside;
    const std::size_t stride = whole ? row.stride : kBlockSide * kLanes;
    const Vector sums = last <= kLastOfQuarter
                            ? transform<true>(coefficients, row.quantization, pixels, stride)
                            : transform<false>(coefficients, row.quantization, pixels, stride);
    worst = largest16(worst, sums);
    if (whole) continue;
    for (int y = 0; y < kBlockSide; ++y) {
      __builtin_memcpy(target + y * row.stride, aside + y * stride,
                       static_cast<std::size_t>(kBlockSide * blocks));
    }
  }
  return in_range && !any_above16(worst, kLargestColumn);
}

}  // namespace
