#pragma once

#include <string>
#include <vector>

#include "kernels/colour/colour_kernels.h"
#include "kernels/float_resize/float_resize_kernels.h"
#include "kernels/idct/idct_kernels.h"
#include "kernels/normalize/normalize_kernels.h"
#include "kernels/resize/resize_kernels.h"
#include "kernels/unfilter/unfilter_kernels.h"

namespace pixtok::kernels {

// Everything that has a version for each instruction set. All versions give the same bits.
struct KernelTable {
  const char* name;
  const IdctKernels& idct;
  const UnfilterKernels& unfilter;
  const ColourKernels& colour;
  const ResizeKernels& resize;        // for weights of kPrecisionBits
  const ResizeKernels& short_resize;  // for weights of 16 bits
  const NormalizeKernels& normalize;
  const FloatResizeKernels& float_resize;
};

// The tables that this CPU can run, slowest first; never empty.
std::vector<const KernelTable*> supported_tables();

// The table in use: chosen by the first call of choose() that succeeds, for the whole process.
enum class Choice { kChosen, kUnknownName, kUnsupportedByCpu, kAlreadyOther };

// `name` empty: the fastest. Later calls ask for the same table, or get kAlreadyOther.
Choice choose(const std::string& name);

// The fastest where choose() has not succeeded yet.
const KernelTable& chosen();

}  // namespace pixtok::kernels
