#pragma once

#include <cstddef>
#include <vector>

#include "core/random_stream.h"
#include "transform/operations/operation.h"
#include "transform/operations/random_operations.h"

namespace pixtok::transform {

// Appends what a policy draws for an image of `size`.
void draw_policy(const RandomPolicy& policy, const ImageSize& size, core::RandomStream& random,
                 std::vector<Operation>& operations);

// Operations that it draws at most.
std::size_t most_operations(const RandomPolicy& policy);

// The `place`-th of `bins` equally spaced values, to the bits of torch.linspace in float32.
double equally_spaced(double first, double last, int bins, int place);

}  // namespace pixtok::transform
