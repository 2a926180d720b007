#include "core/fused_multiply_add.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>

#include "test/check.h"

namespace {

using namespace pixtok;

// Finite, and with exponents that are close to each other often enough to cancel.
float drawn_float(std::mt19937_64& random) {
  const auto sign_and_mantissa = static_cast<std::uint32_t>(random()) & 0x807FFFFFU;
  const auto exponent = static_cast<std::uint32_t>(110 + random() % 30);
  const std::uint32_t bits = sign_and_mantissa | exponent << 23;
  float value = 0.0F;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

bool same_bits(float a, float b) { return std::memcmp(&a, &b, sizeof a) == 0; }

TEST("a multiply-add is rounded once") {
  std::mt19937_64 random(test::seed());
  for (int i = 0; i < 200 * test::random_cases(); ++i) {
    const float a = drawn_float(random);
    const float b = drawn_float(random);
    const float c = i % 3 == 0 ? -a * b : drawn_float(random);
    CHECK(same_bits(core::fused_multiply_add(a, b, c), std::fma(a, b, c)));
  }
  // just above halfway between 1 and the next number: what a double holds of it is halfway
  const float step = std::ldexp(1.0F, -12);
  CHECK(core::fused_multiply_add(step + std::ldexp(1.0F, -35), step, 1.0F) ==
        std::nextafter(1.0F, 2.0F));
}

}  // namespace
