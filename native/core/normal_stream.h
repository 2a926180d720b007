#pragma once

#include "core/random_stream.h"

namespace pixtok::core {

// Numbers of the standard normal distribution, one of each number of a stream, by its inverse:
// good to nine digits, and the same on every platform.
class NormalStream {
 public:
  explicit NormalStream(const RandomStream& random) : random_(random) {}

  double next();

 private:
  RandomStream random_;
};

// The number that a share `p` of normal numbers are below. Precondition: 0 < p < 1.
double normal_quantile(double p);

}  // namespace pixtok::core
