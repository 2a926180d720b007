#pragma once

#include <napi.h>

#include <memory>

#include "transform/view.h"

namespace pixtok::addon {

// Of a region { views, zeros } for a plan for views. Both are Float64Arrays: of each view 25
// numbers, which are named in view_arguments.cpp; of zeros where they begin and end, in bytes.
// Throws Napi::TypeError or Napi::RangeError.
std::shared_ptr<const transform::Views> read_views(Napi::Object region);

}  // namespace pixtok::addon
