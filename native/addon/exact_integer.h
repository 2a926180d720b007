#pragma once

#include <cmath>

namespace pixtok::addon {

// Whether a number of JavaScript is an exact integer of at least 0: it has 53 bits for them.
inline bool is_exact_integer(double number) {
  constexpr double kMost = 9007199254740991.0;
  return number >= 0 && number <= kMost && std::trunc(number) == number;
}

}  // namespace pixtok::addon
