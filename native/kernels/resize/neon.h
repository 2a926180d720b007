#pragma once

#include "kernels/resize/contract.h"

namespace pixtok::kernels::neon {

void pack_taps(AxisTaps& taps);
void resample_rows(const std::uint8_t* const* sources, std::uint8_t* const* targets, int rows,
                   const AxisTaps& taps);
void resample_columns(const WeightedRows& source, std::uint8_t* target, int bytes);

}  // namespace pixtok::kernels::neon
