#pragma once

#include "kernels/colour/contract.h"

namespace pixtok::kernels::neon {

void split_rgb(const std::uint8_t* pixels, int width, std::uint8_t* const* planes);
void ycc_to_rgb(const std::uint8_t* luma, const std::uint8_t* cb, const std::uint8_t* cr, int width,
                std::uint8_t* const* planes);
void upsample_across(const std::uint8_t* row, int width, std::uint8_t* target);
void upsample_both(const std::uint8_t* near_row, const std::uint8_t* far_row, int width,
                   std::uint8_t* target);
void upsample_down(const std::uint8_t* near_row, const std::uint8_t* far_row, int bias, int width,
                   std::uint8_t* target);

}  // namespace pixtok::kernels::neon
