#pragma once

#include "kernels/normalize/contract.h"

namespace pixtok::kernels::neon {

void store_float32_chw(const std::uint8_t* const* planes, int width, const Normalizer& normalizer,
                       void* target, std::size_t plane);
void store_float32_hwc(const std::uint8_t* const* planes, int width, const Normalizer& normalizer,
                       void* target, std::size_t plane);
void store_float16_chw(const std::uint8_t* const* planes, int width, const Normalizer& normalizer,
                       void* target, std::size_t plane);
void store_float16_hwc(const std::uint8_t* const* planes, int width, const Normalizer& normalizer,
                       void* target, std::size_t plane);
void store_uint8_hwc(const std::uint8_t* const* planes, int width, const Normalizer& normalizer,
                     void* target, std::size_t plane);

bool arithmetic_matches(const Normalizer& normalizer);

}  // namespace pixtok::kernels::neon
