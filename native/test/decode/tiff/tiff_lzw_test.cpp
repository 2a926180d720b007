#include "decode/tiff/tiff_lzw.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "test/check.h"

namespace {

using namespace pixtok;
using Bytes = std::vector<std::uint8_t>;

// Codes of nine bits, the highest first.
Bytes packed(const std::vector<int>& codes) {
  Bytes bytes(9 * codes.size() / 8 + 1);
  for (std::size_t i = 0; i < 9 * codes.size(); ++i) {
    const int bit = codes[i / 9] >> (8 - i % 9) & 1;
    bytes[i / 8] = static_cast<std::uint8_t>(bytes[i / 8] | bit << (7 - i % 8));
  }
  return bytes;
}

core::Status unpack(const Bytes& codes, Bytes& unpacked) {
  return decode::unpack_tiff_lzw({codes.data(), codes.size()}, unpacked.data(), unpacked.size());
}

// TIFF 6.0, section 13: its example.
TEST("TIFF's LZW codes are unpacked as the specification does it") {
  Bytes unpacked(9);
  CHECK(unpack(packed({256, 7, 258, 8, 8, 258, 6, 6, 257}), unpacked).ok());
  CHECK((unpacked == Bytes{7, 7, 7, 8, 8, 7, 7, 6, 6}));
}

TEST("TIFF's LZW codes that are none, or too few, are refused") {
  Bytes unpacked(4);
  CHECK(!unpack(packed({7, 8, 9, 10}), unpacked).ok());           // no code clears the table
  CHECK(!unpack(packed({256, 258, 7, 7, 7}), unpacked).ok());     // nothing is named yet
  CHECK(!unpack(packed({256, 7, 259, 7, 7}), unpacked).ok());     // one more than that
  CHECK(!unpack(packed({256, 7, 8, 257, 9, 9}), unpacked).ok());  // the end
  CHECK(!unpack(packed({256, 7, 8}), unpacked).ok());             // and that of the file
  CHECK(!unpack({}, unpacked).ok());
  CHECK(unpack(packed({256, 7, 258, 258, 9, 300}), unpacked).ok());  // what is too much is not read
}

TEST("no more is unpacked of TIFF's LZW codes than there is room for") {
  const Bytes codes = packed({256, 7, 258, 259});
  Bytes unpacked(7, 9);
  CHECK(decode::unpack_tiff_lzw({codes.data(), codes.size()}, unpacked.data(), 4).ok());
  CHECK((unpacked == Bytes{7, 7, 7, 7, 9, 9, 9}));
}

// TIFF 6.0, section 13: its way of packing, with codes of nine bits to twelve.
Bytes packed_as_specified(const Bytes& data) {
  constexpr int kClear = 256;
  constexpr int kEnd = 257;
  constexpr int kLast = 4094;  // of the entries; with it the table is cleared
  Bytes bytes;
  int bits = 9;
  int held = 0;
  int held_bits = 0;
  const auto write = [&](int code) {
    held = held << bits | code;
    for (held_bits += bits; held_bits >= 8; held_bits -= 8) {
      bytes.push_back(static_cast<std::uint8_t>(held >> (held_bits - 8)));
      held &= (1 << (held_bits - 8)) - 1;
    }
  };
  std::map<std::pair<int, int>, int> entries;  // a string by its code without its end, and this
  int next = kEnd + 1;
  write(kClear);
  int string = data.front();
  for (std::size_t i = 1; i < data.size(); ++i) {
    const auto found = entries.find({string, data[i]});
    if (found != entries.end()) {
      string = found->second;
      continue;
    }
    write(string);
    entries[{string, data[i]}] = next;
    if (next == kLast) {
      write(kClear);
      entries.clear();
      next = kEnd;
      bits = 9;
    } else if (next == 511 || next == 1023 || next == 2047) {
      ++bits;
    }
    ++next;
    string = data[i];
  }
  write(string);
  write(kEnd);
  bytes.push_back(static_cast<std::uint8_t>(held << (8 - held_bits)));
  return bytes;
}

TEST("TIFF's LZW codes grow to twelve bits, until they are cleared") {
  std::mt19937_64 random(test::seed());
  Bytes data(40'000);
  for (std::size_t i = 0; i < data.size(); ++i) {
    // what compresses a little, and runs
    data[i] = static_cast<std::uint8_t>(i % 5000 < 500 ? 7 : random() & random() & 0x3F);
  }
  for (const std::size_t size : {std::size_t{40'000}, std::size_t{9'001}, std::size_t{600}}) {
    const Bytes codes = packed_as_specified(Bytes(data.begin(), data.begin() + size));
    Bytes unpacked(size);
    CHECK(unpack(codes, unpacked).ok());
    CHECK(std::equal(unpacked.begin(), unpacked.end(), data.begin()));
    unpacked.push_back(0);  // one byte more than there is
    CHECK(!unpack(codes, unpacked).ok());
  }
}

TEST("whatever is said to be TIFF's LZW codes is unpacked within its bounds") {
  std::mt19937_64 random(test::seed());
  for (int i = 0; i < test::random_cases(); ++i) {
    std::vector<int> codes = {256};
    int next = 257;
    for (int code = 0; code < 200; ++code) {
      const int most = random() % 20 == 0 ? 512 : next + 1;
      codes.push_back(random() % 3 == 0 ? static_cast<int>(random() % 256)
                                        : static_cast<int>(random() % most));
      ++next;
    }
    Bytes unpacked(random() % 3000);
    (void)unpack(packed(codes), unpacked);
  }
}

}  // namespace
