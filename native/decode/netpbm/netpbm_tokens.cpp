#include "decode/netpbm/netpbm_tokens.h"

#include <string>

namespace pixtok::decode {

namespace {

using core::Bytes;

// The decimal point is in front of the digits, and the first one is not 0: the largest number, and
// the half of the smallest one, which is rounded to 0.
constexpr int kLargestExponent = 309;
constexpr char kAboveLargest[] = "17976931348623158079";
constexpr int kSmallestExponent = -323;
constexpr char kHalfOfSmallest[] = "24703282292062327208";

bool is_digit(std::uint8_t byte) { return byte >= '0' && byte <= '9'; }

// Digits, with single underscores between them.
class Reading {
 public:
  explicit Reading(Bytes token) : token_(token) {}

  bool at_end() const { return at_ == token_.size; }

  // 0 at the end.
  std::uint8_t next() const { return at_end() ? std::uint8_t{0} : token_.data[at_]; }

  bool take(char byte) {
    const bool is_next = next() == static_cast<std::uint8_t>(byte);
    if (is_next) ++at_;
    return is_next;
  }

  bool take_minus() {
    if (take('-')) return true;
    (void)take('+');
    return false;
  }

  // False where an underscore is not between digits.
  bool take_digits(std::string& digits) {
    while (is_digit(next())) {
      digits += static_cast<char>(token_.data[at_++]);
      if (take('_') && !is_digit(next())) return false;
    }
    return true;
  }

 private:
  Bytes token_;
  std::size_t at_ = 0;
};

}  // namespace

bool is_netpbm_space(std::uint8_t byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

std::optional<std::int64_t> whole_number(Bytes token) {
  Reading reading(token);
  const bool is_negative = reading.take_minus();
  std::string digits;
  if (!reading.take_digits(digits) || digits.empty() || !reading.at_end()) return std::nullopt;
  std::int64_t number = 0;
  for (const char digit : digits) number = 10 * number + (digit - '0');
  return is_negative ? -number : number;
}

std::optional<int> sign_of_number(Bytes token) {
  Reading reading(token);
  const int sign = reading.take_minus() ? -1 : 1;
  std::string digits;
  if (!reading.take_digits(digits)) return std::nullopt;
  int exponent = static_cast<int>(digits.size());
  if (reading.take('.') && !reading.take_digits(digits)) return std::nullopt;
  if (digits.empty()) return std::nullopt;
  if (reading.take('e') || reading.take('E')) {
    const bool is_negative = reading.take_minus();
    std::string power;
    if (!reading.take_digits(power) || power.empty()) return std::nullopt;
    exponent += (is_negative ? -1 : 1) * std::stoi(power);
  }
  if (!reading.at_end()) return std::nullopt;
  const std::size_t first = digits.find_first_not_of('0');
  if (first == std::string::npos) return std::nullopt;
  digits.erase(0, first);
  exponent -= static_cast<int>(first);
  const bool is_infinite =
      exponent > kLargestExponent || (exponent == kLargestExponent && digits > kAboveLargest);
  const bool is_zero =
      exponent < kSmallestExponent || (exponent == kSmallestExponent && digits <= kHalfOfSmallest);
  if (is_infinite || is_zero) return std::nullopt;
  return sign;
}

}  // namespace pixtok::decode
