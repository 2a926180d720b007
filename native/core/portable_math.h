#pragma once

namespace pixtok::core {

// Built from +, -, * and / alone, which IEEE 754 defines to the last bit: the C library's own
// differ there from one platform to the next. Good to about two units in the last place.

// Precondition: |x| < 1000.
double portable_exp(double x);

// Precondition: x is positive and finite.
double portable_log(double x);

}  // namespace pixtok::core
