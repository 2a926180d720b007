#pragma once

#include <napi.h>

#include <vector>

#include "transform/plan.h"
#include "transform/sample.h"

namespace pixtok::addon {

// Arguments are validated in TypeScript, with messages for users; what is checked here keeps a
// mistake of our own from becoming a crash. Both throw Napi::TypeError.

transform::Plan read_plan(Napi::Object options);

// Pictures in memory are not copied: `array` must be kept alive while the samples are used.
std::vector<transform::Sample> read_samples(Napi::Array array);

}  // namespace pixtok::addon
