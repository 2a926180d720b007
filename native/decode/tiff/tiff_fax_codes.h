#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace pixtok::decode {

// What a code word of T.4 and T.6 stands for.
struct FaxCode {
  enum class Kind : std::uint8_t {
    kNone,
    kLast,  // a run's last code
    kPart,  // a part of a run: others follow
    kPass,  // from here on, of two dimensions
    kHorizontal,
    kVertical,
    kExtension,
    kEndOfLine,  // its zeros, without the one behind them
  };
  Kind kind = Kind::kNone;
  std::uint8_t bits = 0;
  std::int16_t value = 0;  // pixels; of kVertical: from the edge above, to the right
};

// Codes by the bits that come next.
struct FaxCodes {
  static constexpr int kModeBits = 7;
  static constexpr int kWhiteBits = 12;
  static constexpr int kBlackBits = 13;

  std::array<FaxCode, std::size_t{1} << kModeBits> modes{};
  std::array<FaxCode, std::size_t{1} << kWhiteBits> white{};
  std::array<FaxCode, std::size_t{1} << kBlackBits> black{};
};

const FaxCodes& fax_codes();

}  // namespace pixtok::decode
