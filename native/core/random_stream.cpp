#include "core/random_stream.h"

namespace pixtok::core {

namespace {

constexpr int kRounds = 10;
constexpr std::uint64_t kMultipliers[] = {0xD2E7470EE14C6C93, 0xCA5A826395121157};
constexpr std::uint64_t kKeySteps[] = {0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B};

// The upper 64 bits of a product of 128.
std::uint64_t multiply_high(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t kLow = 0xFFFFFFFF;
  const std::uint64_t low = (a & kLow) * (b & kLow);
  const std::uint64_t cross = (a >> 32) * (b & kLow) + (low >> 32);
  const std::uint64_t other = (a & kLow) * (b >> 32) + (cross & kLow);
  return (a >> 32) * (b >> 32) + (cross >> 32) + (other >> 32);
}

}  // namespace

PhiloxBlock philox(const PhiloxBlock& counter, const std::array<std::uint64_t, 2>& key) {
  PhiloxBlock block = counter;
  std::array<std::uint64_t, 2> round_key = key;
  for (int round = 0; round < kRounds; ++round) {
    block = {multiply_high(kMultipliers[1], block[2]) ^ block[1] ^ round_key[0],
             kMultipliers[1] * block[2],
             multiply_high(kMultipliers[0], block[0]) ^ block[3] ^ round_key[1],
             kMultipliers[0] * block[0]};
    round_key = {round_key[0] + kKeySteps[0], round_key[1] + kKeySteps[1]};
  }
  return block;
}

double RandomStream::uniform() {
  if (used_ == block_.size()) {
    ++counter_[0];  // before the first block too, as NumPy does
    block_ = philox(counter_, key_);
    used_ = 0;
  }
  return static_cast<double>(block_[used_++] >> 11) * 0x1p-53;
}

}  // namespace pixtok::core
