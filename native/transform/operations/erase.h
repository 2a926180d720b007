#pragma once

#include <cstdint>

#include "core/random_stream.h"
#include "core/status.h"
#include "transform/operations/operation.h"
#include "transform/plan.h"

namespace pixtok::transform {

// torchvision's erase, of an image that has been written to `slot` by the plan. Fails with
// kDoesNotFit where the part is not inside of the output.
core::Status erase(const Erasure& options, const core::RandomKey& key, const Plan& plan,
                   std::uint8_t* slot);

}  // namespace pixtok::transform
