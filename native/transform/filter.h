#pragma once

namespace pixtok::transform {

enum class Filter { kNearest, kBox, kBilinear, kHamming, kBicubic, kLanczos };

// Reach of the filter in source pixels at scale 1. Precondition: not kNearest.
double filter_support(Filter filter);

// Weight at distance x. Precondition: not kNearest.
double filter_weight(Filter filter, double x);

}  // namespace pixtok::transform
