#pragma once

namespace pixtok::core {

// Built from +, -, * and / alone, which IEEE 754 defines to the last bit: the C library's own
// differ there from one platform to the next. Good to about two units in the last place.

// Precondition: |x| < 1000.
double portable_exp(double x);

// Precondition: x is positive and finite.
double portable_log(double x);

// a * b + c, rounded once: std::fma, which some C libraries compute otherwise, and most by a call.
// Precondition: the product is finite and not below the normal doubles.
float portable_fma(float a, float b, float c);

}  // namespace pixtok::core
