#pragma once

#include <napi.h>

#include <cstddef>
#include <optional>
#include <vector>

#include "transform/augmentation.h"
#include "transform/operations/operation.h"

namespace pixtok::addon {

// src/native/addon.ts: NativeAugmentation, or null.
std::optional<transform::Augmentation> read_augmentation(const Napi::Value& value);

// Of an operation: its kind and transform::Operation::numbers.
inline constexpr std::size_t kOperationNumbers = 1 + transform::Operation::kNumbers;

// Each as its kind and its numbers: NativeOperation.
std::vector<transform::Operation> read_operations(const Napi::Value& value);

// The same numbers, of `most` operations; the kind counts from one, and is zero where there is
// none. Gives the end of what was written.
double* write_operations(const std::vector<transform::Operation>& operations, std::size_t most,
                         double* out);

}  // namespace pixtok::addon
