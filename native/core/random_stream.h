#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace pixtok::core {

// All that the random choices about a sample depend on: never the thread, the batch or the time.
struct RandomKey {
  std::uint64_t seed = 0;
  std::uint64_t epoch = 0;
  std::uint64_t index = 0;
};

using PhiloxBlock = std::array<std::uint64_t, 4>;

// Philox4x64-10, a bijection of the counter for each key: Salmon et al., "Parallel random numbers:
// as easy as 1, 2, 3".
PhiloxBlock philox(const PhiloxBlock& counter, const std::array<std::uint64_t, 2>& key);

// What numbers are drawn for: each has a stream of its own.
enum class RandomUse : std::uint64_t { kParameters = 0, kNoise = 1, kMixing = 2 };

// The numbers of NumPy's Generator(Philox(key=[seed, epoch], counter=[0, index, use, 0])).random().
class RandomStream {
 public:
  explicit RandomStream(const RandomKey& key, RandomUse use = RandomUse::kParameters)
      : key_{key.seed, key.epoch}, counter_{0, key.index, static_cast<std::uint64_t>(use), 0} {}

  // A multiple of 2^-53, at least 0 and less than 1.
  double uniform();

  // An integer from 0 to count - 1. Precondition: count is positive.
  int below(int count) { return static_cast<int>(uniform() * count); }

 private:
  std::array<std::uint64_t, 2> key_;
  PhiloxBlock counter_;
  PhiloxBlock block_{};
  std::size_t used_ = 4;
};

}  // namespace pixtok::core
