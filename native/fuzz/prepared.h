#pragma once

#include <functional>

#include "kernels/kernel_table.h"
#include "transform/image_worker.h"
#include "transform/plan.h"
#include "transform/sample.h"

namespace pixtok::fuzz {

// Prepares a sample with the plainest and with the fastest kernels, into memory that has just the
// size of a row. Requires that both succeed or fail alike, and that a row is written whole and the
// same.
void require_same_row(const std::function<transform::Sample()>& sample, transform::Plan plan);

}  // namespace pixtok::fuzz
