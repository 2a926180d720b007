#include "test/golden_lines.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "test/check.h"

namespace pixtok::test {

GoldenLine::GoldenLine(const std::string& json) : json_(json) { read_value(""); }

bool GoldenLine::has(const std::string& path) const {
  const auto next = values_.lower_bound(path);
  if (next == values_.end()) return false;
  return next->first == path || values_.lower_bound(path + ".") != values_.lower_bound(path + "/");
}

std::string GoldenLine::text(const std::string& path) const {
  const auto found = values_.find(path);
  return found == values_.end() ? "" : found->second;
}

double GoldenLine::number(const std::string& path, double otherwise) const {
  const std::string written = text(path);
  return written.empty() ? otherwise : std::strtod(written.c_str(), nullptr);
}

bool GoldenLine::skip(char expected) {
  while (at_ < json_.size() && (json_[at_] == ' ' || json_[at_] == ',' || json_[at_] == ':')) ++at_;
  if (at_ >= json_.size() || json_[at_] != expected) return false;
  ++at_;
  return true;
}

std::string GoldenLine::read_word() {
  const bool quoted = skip('"');
  const std::size_t start = at_;
  at_ = json_.find_first_of(quoted ? "\"" : ",]} ", start);
  CHECK(at_ != std::string::npos);
  if (at_ == std::string::npos) at_ = json_.size();
  const std::string word = json_.substr(start, at_ - start);
  if (quoted) ++at_;
  return word;
}

void GoldenLine::read_value(const std::string& path) {
  const std::string below = path.empty() ? "" : path + ".";
  if (skip('{')) {
    values_[path] = "{}";
    while (at_ < json_.size() && !skip('}')) {
      const std::string name = read_word();
      skip(':');
      read_value(below + name);
    }
  } else if (skip('[')) {
    values_[path] = "[]";
    for (int i = 0; at_ < json_.size() && !skip(']'); ++i) read_value(below + std::to_string(i));
  } else {
    values_[path] = read_word();
  }
}

std::vector<GoldenLine> golden_lines(const std::string& name) {
  return data_lines("goldens/" + name);
}

std::vector<GoldenLine> data_lines(const std::string& path) {
  std::ifstream file(data_folder() + "/" + path);
  CHECK(file.good());
  std::vector<GoldenLine> lines;
  for (std::string line; std::getline(file, line);) lines.emplace_back(line);
  return lines;
}

namespace {

// The first 32 fraction bits of a root of a prime.
std::uint32_t fraction_bits(double root) {
  return static_cast<std::uint32_t>(std::floor((root - std::floor(root)) * 0x1p32));
}

std::uint32_t rotated(std::uint32_t value, int bits) {
  return value >> bits | value << (32 - bits);
}

}  // namespace

std::string sha256(const void* data, std::size_t size) {
  std::array<std::uint32_t, 64> constants{};
  std::array<std::uint32_t, 8> state{};
  std::size_t primes = 0;
  for (int number = 2; primes < constants.size(); ++number) {
    bool prime = true;
    for (int divisor = 2; divisor * divisor <= number; ++divisor) prime &= number % divisor != 0;
    if (!prime) continue;
    if (primes < state.size()) state[primes] = fraction_bits(std::sqrt(number));
    constants[primes++] = fraction_bits(std::cbrt(number));
  }

  const auto* bytes = static_cast<const std::uint8_t*>(data);
  std::vector<std::uint8_t> message(bytes, bytes + size);
  message.push_back(0x80);
  while (message.size() % 64 != 56) message.push_back(0);
  for (int shift = 56; shift >= 0; shift -= 8) {
    message.push_back(static_cast<std::uint8_t>(std::uint64_t{8} * size >> shift));
  }

  for (std::size_t block = 0; block < message.size(); block += 64) {
    std::array<std::uint32_t, 64> w{};
    for (std::size_t i = 0; i < 64; ++i) {
      if (i < 16) {
        for (std::size_t k = 0; k < 4; ++k) w[i] = w[i] << 8 | message[block + 4 * i + k];
        continue;
      }
      const std::uint32_t s0 = rotated(w[i - 15], 7) ^ rotated(w[i - 15], 18) ^ w[i - 15] >> 3;
      const std::uint32_t s1 = rotated(w[i - 2], 17) ^ rotated(w[i - 2], 19) ^ w[i - 2] >> 10;
      w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    auto [a, b, c, d, e, f, g, h] = state;
    for (std::size_t i = 0; i < 64; ++i) {
      const std::uint32_t choice = (e & f) ^ (~e & g);
      const std::uint32_t majority = (a & b) ^ (a & c) ^ (b & c);
      const std::uint32_t first =
          h + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) + choice + constants[i] + w[i];
      const std::uint32_t second = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + majority;
      h = g;
      g = f;
      f = e;
      e = d + first;
      d = c;
      c = b;
      b = a;
      a = first + second;
    }
    const std::array<std::uint32_t, 8> sums = {a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < state.size(); ++i) state[i] += sums[i];
  }

  std::string hex;
  for (const std::uint32_t word : state) {
    char digits[9];
    std::snprintf(digits, sizeof digits, "%08x", word);
    hex += digits;
  }
  return hex;
}

}  // namespace pixtok::test
