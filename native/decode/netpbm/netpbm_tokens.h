#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/bytes.h"

// What is written in words in Netpbm files, as Python reads it for Pillow.
namespace pixtok::decode {

// More characters than this are none of a token's.
inline constexpr std::size_t kMostTokenBytes = 10;

bool is_netpbm_space(std::uint8_t byte);

// As Python's int(): a sign may be in front, and single underscores between digits. Precondition:
// no more than kMostTokenBytes.
std::optional<std::int64_t> whole_number(core::Bytes token);

// The sign of a finite number, 1 or -1, as Python's float() reads it; nothing for 0 and for what is
// no such number. Precondition: as above.
std::optional<int> sign_of_number(core::Bytes token);

}  // namespace pixtok::decode
