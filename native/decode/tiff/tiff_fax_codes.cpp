#include "decode/tiff/tiff_fax_codes.h"

#include <cstring>

namespace pixtok::decode {

namespace {

using Kind = FaxCode::Kind;

// Runs of 0 to 63 pixels; of 64, 128 and so on; and of 1792, 1856 and so on, of either colour (T.4,
// tables 2, 3a and 3b).
constexpr const char* kWhite[] = {
    "00110101", "000111",   "0111",     "1000",     "1011",     "1100",     "1110",     "1111",
    "10011",    "10100",    "00111",    "01000",    "001000",   "000011",   "110100",   "110101",
    "101010",   "101011",   "0100111",  "0001100",  "0001000",  "0010111",  "0000011",  "0000100",
    "0101000",  "0101011",  "0010011",  "0100100",  "0011000",  "00000010", "00000011", "00011010",
    "00011011", "00010010", "00010011", "00010100", "00010101", "00010110", "00010111", "00101000",
    "00101001", "00101010", "00101011", "00101100", "00101101", "00000100", "00000101", "00001010",
    "00001011", "01010010", "01010011", "01010100", "01010101", "00100100", "00100101", "01011000",
    "01011001", "01011010", "01011011", "01001010", "01001011", "00110010", "00110011", "00110100"};
constexpr const char* kWhiteParts[] = {
    "11011",     "10010",     "010111",    "0110111",   "00110110",  "00110111",  "01100100",
    "01100101",  "01101000",  "01100111",  "011001100", "011001101", "011010010", "011010011",
    "011010100", "011010101", "011010110", "011010111", "011011000", "011011001", "011011010",
    "011011011", "010011000", "010011001", "010011010", "011000",    "010011011"};
constexpr const char* kBlack[] = {
    "0000110111",   "010",          "11",           "10",           "011",          "0011",
    "0010",         "00011",        "000101",       "000100",       "0000100",      "0000101",
    "0000111",      "00000100",     "00000111",     "000011000",    "0000010111",   "0000011000",
    "0000001000",   "00001100111",  "00001101000",  "00001101100",  "00000110111",  "00000101000",
    "00000010111",  "00000011000",  "000011001010", "000011001011", "000011001100", "000011001101",
    "000001101000", "000001101001", "000001101010", "000001101011", "000011010010", "000011010011",
    "000011010100", "000011010101", "000011010110", "000011010111", "000001101100", "000001101101",
    "000011011010", "000011011011", "000001010100", "000001010101", "000001010110", "000001010111",
    "000001100100", "000001100101", "000001010010", "000001010011", "000000100100", "000000110111",
    "000000111000", "000000100111", "000000101000", "000001011000", "000001011001", "000000101011",
    "000000101100", "000001011010", "000001100110", "000001100111"};
constexpr const char* kBlackParts[] = {
    "0000001111",    "000011001000",  "000011001001",  "000001011011",  "000000110011",
    "000000110100",  "000000110101",  "0000001101100", "0000001101101", "0000001001010",
    "0000001001011", "0000001001100", "0000001001101", "0000001110010", "0000001110011",
    "0000001110100", "0000001110101", "0000001110110", "0000001110111", "0000001010010",
    "0000001010011", "0000001010100", "0000001010101", "0000001011010", "0000001011011",
    "0000001100100", "0000001100101"};
constexpr const char* kLongParts[] = {
    "00000001000",  "00000001100",  "00000001101",  "000000010010", "000000010011",
    "000000010100", "000000010101", "000000010110", "000000010111", "000000011100",
    "000000011101", "000000011110", "000000011111"};

template <typename Table>
void add(Table& table, int table_bits, const char* code, Kind kind, int value) {
  const int bits = static_cast<int>(std::strlen(code));
  std::size_t first = 0;
  for (const char* bit = code; *bit != '\0'; ++bit) first = 2 * first + (*bit == '1' ? 1 : 0);
  const std::size_t count = std::size_t{1} << (table_bits - bits);
  for (std::size_t i = 0; i < count; ++i) {
    table[first * count + i] = {kind, static_cast<std::uint8_t>(bits),
                                static_cast<std::int16_t>(value)};
  }
}

template <typename Table, std::size_t kRuns, std::size_t kParts>
void add_runs(Table& table, int table_bits, const char* const (&runs)[kRuns],
              const char* const (&parts)[kParts]) {
  int run = 0;
  for (const char* code : runs) add(table, table_bits, code, Kind::kLast, run++);
  for (const char* code : parts) {
    add(table, table_bits, code, Kind::kPart, run);
    run += 64;
  }
  for (const char* code : kLongParts) {
    add(table, table_bits, code, Kind::kPart, run);
    run += 64;
  }
  add(table, table_bits, "00000000000", Kind::kEndOfLine, 0);
}

FaxCodes all_codes() {
  FaxCodes codes;
  const auto add_mode = [&codes](const char* code, Kind kind, int value = 0) {
    add(codes.modes, FaxCodes::kModeBits, code, kind, value);
  };
  add_mode("0001", Kind::kPass);
  add_mode("001", Kind::kHorizontal);
  add_mode("1", Kind::kVertical, 0);
  add_mode("011", Kind::kVertical, 1);
  add_mode("000011", Kind::kVertical, 2);
  add_mode("0000011", Kind::kVertical, 3);
  add_mode("010", Kind::kVertical, -1);
  add_mode("000010", Kind::kVertical, -2);
  add_mode("0000010", Kind::kVertical, -3);
  add_mode("0000001", Kind::kExtension);
  add_mode("0000000", Kind::kEndOfLine);
  add_runs(codes.white, FaxCodes::kWhiteBits, kWhite, kWhiteParts);
  add_runs(codes.black, FaxCodes::kBlackBits, kBlack, kBlackParts);
  return codes;
}

}  // namespace

const FaxCodes& fax_codes() {
  static const FaxCodes codes = all_codes();
  return codes;
}

}  // namespace pixtok::decode
