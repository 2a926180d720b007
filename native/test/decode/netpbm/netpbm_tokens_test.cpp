// Numbers in words as Python reads them: int(token) and float(token).

#include "decode/netpbm/netpbm_tokens.h"

#include <cstdint>
#include <string>
#include <vector>

#include "decode/netpbm/plain_samples.h"
#include "test/check.h"

namespace {

using namespace pixtok;

core::Bytes bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

TEST("whole numbers of a Netpbm file are those that Python's int() reads") {
  const auto number = [](const std::string& text) { return decode::whole_number(bytes_of(text)); };
  CHECK(number("0") == 0 && number("007") == 7 && number("+12") == 12 && number("-3") == -3);
  CHECK(number("1_000") == 1000 && number("9999999999") == 9999999999);
  for (const char* none : {"", "+", "-", "_1", "1_", "1__0", "1.0", "0x1", "1e3", "--1", "1 "}) {
    CHECK(!number(none));
  }
}

TEST("no more pixels of a plain Netpbm file are written than it has, and all are looked at") {
  std::vector<std::uint8_t> pixels(4, 7);
  CHECK(decode::read_plain_bits(bytes_of("1 0 1 1"), 2, pixels.data()).ok());
  CHECK((pixels == std::vector<std::uint8_t>{0, 255, 7, 7}));
  CHECK(!decode::read_plain_bits(bytes_of("1 0 2"), 2, pixels.data()).ok());
  const std::vector<std::uint8_t> table = {10, 20};
  CHECK(decode::read_plain_samples(bytes_of("1 0 1 1 "), table, 2, pixels.data()).ok());
  CHECK((pixels == std::vector<std::uint8_t>{20, 10, 7, 7}));
}

// Pillow reads blocks of a mebibyte.
TEST("a comment of a plain Netpbm file that began in one block and ended in the next has ended") {
  constexpr std::size_t kBlock = std::size_t{1} << 20;
  const std::string text =
      std::string(kBlock - 1, ' ') + "#x\n" + std::string(kBlock - 2, ' ') + "0";
  std::uint8_t pixel = 7;
  CHECK(decode::read_plain_bits(bytes_of(text), 1, &pixel).ok());
  CHECK(pixel == 255);
}

TEST("the scale of a Netpbm file is a finite number other than 0 where Python's float() says so") {
  const auto sign = [](const std::string& text) { return decode::sign_of_number(bytes_of(text)); };
  for (const char* above : {"1", "+1.", ".5", "1e5", "1_0.0_1", "1E-3", "00.1", "1.7976e308",
                            "17976e304", "3e-324", "0.1e-322", "1e0_1"}) {
    CHECK(sign(above) == 1);
  }
  for (const char* below : {"-1", "-.5", "-1e-9"}) CHECK(sign(below) == -1);
  for (const char* none : {"",           ".",     "-",        "0",      "-0.0",   "inf",      "nan",
                           "1.7977e308", "1e309", "1e999999", "2e-324", "1e-324", "0.1e-999", "1e",
                           "1e+",        "1._5",  "1_.5",     "1e_5",   "0x1",    "1f"}) {
    CHECK(!sign(none));
  }
}

}  // namespace
