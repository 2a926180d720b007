#pragma once

#include <fuzzer/FuzzedDataProvider.h>

#include "kernels/kernel_table.h"
#include "transform/plan.h"
#include "transform/region.h"

namespace pixtok::fuzz {

// An image of more pixels is refused, so that a case takes no more than some milliseconds.
inline constexpr std::int64_t kMaxPixels = 1 << 18;

// Anything that the addon lets through, of small sizes.
transform::Plan draw_plan(FuzzedDataProvider& input);

// Of a plan, the part that depends on the kernels.
void set_kernels(transform::Plan& plan, const kernels::KernelTable& kernels);

// Anything that the addon lets through, in and around an image of some hundred pixels a side.
transform::Region draw_region(FuzzedDataProvider& input);

}  // namespace pixtok::fuzz
