#include <algorithm>
#include <cstdlib>

#include "kernels/idct/idct_kernels.h"

namespace pixtok::kernels {

namespace {

using namespace idct;

// Eight values, `apart` from one to the next, to as many with kFractionBits - `shift` more bits.
void pass(int* values, int apart, int shift) {
  const auto at = [&](int i) -> int& { return values[i * apart]; };
  const int sum = (at(0) + at(4)) * kOne;
  const int difference = (at(0) - at(4)) * kOne;
  const int outer = at(2) * kEven[0][0] + at(6) * kEven[0][1];
  const int inner = at(2) * kEven[1][0] + at(6) * kEven[1][1];
  const int even[4] = {sum + outer, difference + inner, difference - inner, sum - outer};
  int odd[4];
  for (int i = 0; i < 4; ++i) {
    odd[i] = at(1) * kOdd[i][0] + at(3) * kOdd[i][1] + at(5) * kOdd[i][2] + at(7) * kOdd[i][3];
  }
  const int half = 1 << (shift - 1);
  for (int i = 0; i < 4; ++i) {
    at(i) = (even[i] + odd[i] + half) >> shift;
    at(7 - i) = (even[i] - odd[i] + half) >> shift;
  }
}

bool is_in_range(const int* values) {
  for (int x = 0; x < kBlockSide; ++x) {
    int sum = 0;
    for (int y = 0; y < kBlockSide; ++y) sum += std::abs(values[kBlockSide * y + x]);
    if (sum > kLargestColumn) return false;
  }
  return true;
}

bool inverse_dct(const BlockRow& row) {
  for (int block = 0; block < row.blocks; ++block) {
    std::int16_t* coefficients = row.coefficients + kBlockSize * block;
    int values[kBlockSize];
    for (int i = 0; i < kBlockSize; ++i) values[i] = coefficients[i] * row.quantization[i];
    if (!is_in_range(values)) return false;
    std::fill_n(coefficients, kBlockSize, std::int16_t{0});
    for (int x = 0; x < kBlockSide; ++x) pass(values + x, kBlockSide, kFirstShift);
    for (int y = 0; y < kBlockSide; ++y) pass(values + kBlockSide * y, 1, kSecondShift);
    std::uint8_t* target = row.target + kBlockSide * block;
    for (int y = 0; y < kBlockSide; ++y, target += row.stride) {
      for (int x = 0; x < kBlockSide; ++x) {
        target[x] = static_cast<std::uint8_t>(std::clamp(values[kBlockSide * y + x] + 128, 0, 255));
      }
    }
  }
  return true;
}

}  // namespace

const IdctKernels kScalarIdct = {inverse_dct};

}  // namespace pixtok::kernels
