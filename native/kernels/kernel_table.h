#pragma once

#include <string>
#include <vector>

#include "kernels/colour/contract.h"
#include "kernels/normalize/contract.h"
#include "kernels/resize/contract.h"

namespace pixtok::kernels {

enum class ElementType { kFloat32, kFloat16, kUint8 };
enum class Layout { kChw, kHwc };

// Everything that has a version for each instruction set. All versions give the same bits.
struct KernelTable {
  const char* name;
  SplitRgb split_rgb;
  YccToRgb ycc_to_rgb;
  UpsampleAcross upsample_across;
  UpsampleBoth upsample_both;
  UpsampleDown upsample_down;
  PackTaps pack_taps;
  ResampleRows resample_rows;
  ResampleColumns resample_columns;
  StoreRow store_row[3][2];  // by ElementType and Layout
  ArithmeticMatches arithmetic_matches;

  StoreRow store(ElementType type, Layout layout) const {
    return store_row[static_cast<int>(type)][static_cast<int>(layout)];
  }
};

// The tables that this CPU can run, slowest first; never empty.
std::vector<const KernelTable*> supported_tables();

// The table in use: chosen by the first call of choose() that succeeds, for the whole process.
enum class Choice { kChosen, kUnknownName, kUnsupportedByCpu, kAlreadyOther };

// `name` empty: the fastest. Later calls ask for the same table, or get kAlreadyOther.
Choice choose(const std::string& name);

// Precondition: choose() has succeeded once.
const KernelTable& chosen();

}  // namespace pixtok::kernels
