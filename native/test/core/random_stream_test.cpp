#include "core/random_stream.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "core/normal_stream.h"
#include "core/portable_math.h"
#include "test/check.h"

namespace {

using namespace pixtok;

TEST("Philox gives the known answers of its authors") {
  // kat_vectors of Random123, philox4x64 with 10 rounds.
  constexpr std::uint64_t kOnes = ~std::uint64_t{0};
  CHECK(core::philox({0, 0, 0, 0}, {0, 0}) ==
        (core::PhiloxBlock{0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b,
                           0x7e68b68aec7ba23b}));
  CHECK(core::philox({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}) ==
        (core::PhiloxBlock{0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6,
                           0xa09caebf594f0ba0}));
  CHECK(
      core::philox({0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89},
                   {0x452821e638d01377, 0xbe5466cf34e90c6c}) ==
      (core::PhiloxBlock{0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5,
                         0x57bd43b5e52b7fe6}));
}

TEST("a stream of random numbers is NumPy's") {
  // numpy.random.Generator(Philox(key=[7, 3], counter=[0, 2**53 - 1, 0, 0])).random(6)
  core::RandomStream stream({7, 3, (std::uint64_t{1} << 53) - 1});
  for (const double expected : {0x1.c0045a27b836fp-1, 0x1.2de624693cfe1p-1, 0x1.e73ba76237db8p-4,
                                0x1.3c79df5cd49c3p-1, 0x1.58f2b1e159755p-1, 0x1.5d29e17c2d575p-1})
    CHECK(stream.uniform() == expected);
}

TEST("portable exp and log are the C library's but for the last bits") {
  for (double x = -14; x <= 14; x += 0.0137) {
    CHECK(std::abs(core::portable_exp(x) / std::exp(x) - 1) < 5e-16);
    const double y = std::exp(x);
    CHECK(std::abs(core::portable_log(y) - std::log(y)) <= 5e-16 * std::max(1.0, std::abs(x)));
  }
  CHECK(core::portable_exp(0) == 1);
  CHECK(core::portable_log(1) == 0);
}

// Units in the last place between two doubles of one sign.
std::int64_t units_between(double a, double b) {
  std::int64_t bits[2];
  std::memcpy(&bits[0], &a, sizeof a);
  std::memcpy(&bits[1], &b, sizeof b);
  return std::abs(bits[0] - bits[1]);
}

TEST("portable sine, cosine, tangent and arctangent are rounded right but for the last bit") {
  int differ = 0;
  constexpr int kAngles = 20000;
  for (int i = 0; i < kAngles; ++i) {
    const double x = (i - kAngles / 2) * 0.0317;
    // A C library's own functions of doubles are off in a few of a hundred last bits.
    const long double wide = x;
    const std::int64_t units[] = {units_between(core::portable_sin(x), double(std::sin(wide))),
                                  units_between(core::portable_cos(x), double(std::cos(wide))),
                                  units_between(core::portable_tan(x), double(std::tan(wide))),
                                  units_between(core::portable_atan(x), double(std::atan(wide)))};
    for (const std::int64_t one : units) {
      CHECK(one <= 1);
      differ += one == 0 ? 0 : 1;
    }
  }
  // where long double is no wider, the library's own last bits count
  constexpr bool kIsWider = std::numeric_limits<long double>::digits > 53;
  CHECK(!kIsWider || differ < kAngles / 100);
  CHECK(core::portable_sin(0) == 0 && core::portable_cos(0) == 1 && core::portable_tan(0) == 0);
  CHECK(core::portable_atan(0) == 0);
}

TEST("normal numbers are the quantiles of their distribution") {
  CHECK(core::normal_quantile(0.5) == 0);
  for (const double x : {-7.0, -3.0, -1.9, -0.5, 0.1, 1.0, 2.5, 6.0}) {
    const double share = 0.5 * std::erfc(-x / std::sqrt(2.0));
    CHECK(std::abs(core::normal_quantile(share) - x) < 1e-8 * std::max(1.0, std::abs(x)));
  }
}

}  // namespace
