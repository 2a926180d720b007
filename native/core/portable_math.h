#pragma once

namespace pixtok::core {

// Built from operations that IEEE 754 defines to the last bit, such as +, -, * and /: the C
// library's own differ there from one platform to the next. The first two are good to about two
// units in the last place.

// Precondition: |x| < 1000.
double portable_exp(double x);

// Precondition: x is positive and finite.
double portable_log(double x);

// Of an angle in radians; rounded as the exact value is, but for very few. Precondition:
// |x| < 10000.
double portable_sin(double x);
double portable_cos(double x);
double portable_tan(double x);

// As these. Precondition: |x| < 1000.
double portable_atan(double x);

}  // namespace pixtok::core
