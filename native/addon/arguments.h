#pragma once

#include <napi.h>

#include <vector>

#include "transform/plan.h"
#include "transform/sample.h"

namespace pixtok::addon {

// Arguments are validated in TypeScript, with messages for users; what is checked here keeps a
// mistake of our own from becoming a crash. Both throw Napi::TypeError.

transform::Plan read_plan(Napi::Object options);

// Images in memory are read where they are, and `array` must be kept alive while the samples are
// used, unless `copy` is set: a worker thread can be terminated at any moment, and the memory of
// Buffers that other addons made is then freed before an error is reported.
//
// What is in memory that is not copied is taken for `mapped` in all samples: who knows of maps
// leaves it to those in one.
//
// `regions` is null, or an array with null or, for each sample, { crop: [left, top, width, height]
// | null, box: [left, top, right, bottom] | null, window: [left, top] | null, fill: [red, green,
// blue], flip, operations }, whose operations are what read_operations() takes, or, for a plan for
// views, what read_views() takes.
std::vector<transform::Sample> read_samples(Napi::Array array, Napi::Value regions, bool copy);

// `random` is { seed, epoch, indices }, with an index for each sample.
void read_random_keys(Napi::Object random, std::vector<transform::Sample>& samples);

}  // namespace pixtok::addon
