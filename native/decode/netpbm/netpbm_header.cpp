#include "decode/netpbm/netpbm_header.h"

#include <algorithm>
#include <string>

#include "decode/image_fault.h"
#include "decode/netpbm/netpbm_tokens.h"

namespace pixtok::decode {

namespace {

using core::Bytes;
using core::PixelFormat;
using core::Status;

constexpr std::size_t kMostMagicBytes = 6;

struct Kind {
  const char* magic;
  NetpbmCodec codec;
  RowFormat format;
};

constexpr Kind kKinds[] = {
    {"P1", NetpbmCodec::kPlainBits, RowFormat::kInvertedBits},
    {"P2", NetpbmCodec::kPlain, RowFormat::kGrey},
    {"P3", NetpbmCodec::kPlain, RowFormat::kRgb},
    {"P4", NetpbmCodec::kStored, RowFormat::kInvertedBits},
    {"P5", NetpbmCodec::kStored, RowFormat::kGrey},
    {"P6", NetpbmCodec::kStored, RowFormat::kRgb},
    {"P0CMYK", NetpbmCodec::kStored, RowFormat::kCmyk},
    {"Pf", NetpbmCodec::kStored, RowFormat::kFloat},
    {"PyP", NetpbmCodec::kStored, RowFormat::kIndices8},
    {"PyRGBA", NetpbmCodec::kStored, RowFormat::kRgba},
    {"PyCMYK", NetpbmCodec::kStored, RowFormat::kCmyk},
};

struct Reading {
  Bytes file;
  std::size_t at = 0;

  bool at_end() const { return at == file.size; }
};

std::string take_magic(Reading& reading) {
  std::string magic;
  while (magic.size() < kMostMagicBytes && !reading.at_end()) {
    const std::uint8_t byte = reading.file.data[reading.at++];
    if (is_netpbm_space(byte)) break;
    magic += static_cast<char>(byte);
  }
  return magic;
}

const Kind* kind_of(const std::string& magic) {
  const auto* found = std::find_if(std::begin(kKinds), std::end(kKinds),
                                   [&](const Kind& kind) { return magic == kind.magic; });
  return found == std::end(kKinds) ? nullptr : found;
}

// The next word, and the character behind it. Comments last to the end of their line; a word goes
// on behind one.
std::string take_token(Reading& reading) {
  std::string token;
  while (token.size() <= kMostTokenBytes && !reading.at_end()) {
    const std::uint8_t byte = reading.file.data[reading.at++];
    if (byte == '#') {
      while (!reading.at_end()) {
        const std::uint8_t end = reading.file.data[reading.at++];
        if (end == '\n' || end == '\r') break;
      }
    } else if (!is_netpbm_space(byte)) {
      token += static_cast<char>(byte);
    } else if (!token.empty()) {
      break;
    }
  }
  return token;
}

Bytes bytes_of(const std::string& token) {
  return {reinterpret_cast<const std::uint8_t*>(token.data()), token.size()};
}

Status take_number(Reading& reading, std::int64_t& number) {
  const std::string token = take_token(reading);
  if (token.empty()) return truncated("it ends early");
  if (token.size() > kMostTokenBytes) return corrupt("a number in its header is too long");
  const auto read = whole_number(bytes_of(token));
  if (!read) return corrupt("what should be a number in its header is none");
  number = *read;
  return Status::success();
}

Status take_float_order(Reading& reading, RowFormat& format) {
  const std::string token = take_token(reading);
  if (token.empty()) return truncated("it ends early");
  if (token.size() > kMostTokenBytes) return corrupt("the scale in its header is too long");
  const auto sign = sign_of_number(bytes_of(token));
  if (!sign) return corrupt("the scale in its header is not a number other than 0");
  format = *sign < 0 ? RowFormat::kFloat : RowFormat::kFloatBigEndian;
  return Status::success();
}

Status take_range(Reading& reading, NetpbmHeader& header) {
  std::int64_t most = 0;
  const Status status = take_number(reading, most);
  if (!status.ok()) return status;
  if (most <= 0 || most > 65535)
    return corrupt("the largest sample in its header is not 1 to 65535");
  header.most = static_cast<std::uint32_t>(most);
  const bool is_grey = header.format == PixelFormat::kGrey;
  header.is_clipped = is_grey && most > 255;
  if (header.codec != NetpbmCodec::kStored) return Status::success();
  if (is_grey && most == 65535) {
    header.rows.format = RowFormat::kGrey16BigEndian;
  } else if (most != 255) {
    header.codec = NetpbmCodec::kScaled;
  }
  return Status::success();
}

}  // namespace

bool is_netpbm(Bytes start) {
  Reading reading{start};
  return kind_of(take_magic(reading)) != nullptr;
}

Status read_netpbm_header(Bytes file, NetpbmHeader& header) {
  header = {};
  Reading reading{file};
  const Kind* kind = kind_of(take_magic(reading));
  if (kind == nullptr) return corrupt("it does not begin as a Netpbm file");
  std::int64_t width = 0;
  std::int64_t height = 0;
  Status status = take_number(reading, width);
  if (status.ok()) status = take_number(reading, height);
  if (!status.ok()) return status;
  if (width <= 0 || height <= 0) return corrupt("its image has no pixels");
  status = require_sides(static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height));
  if (!status.ok()) return status;
  StoredRows& rows = header.rows;
  rows.width = static_cast<int>(width);
  rows.height = static_cast<int>(height);
  rows.format = kind->format;
  header.codec = kind->codec;
  header.format = unpacked_format(kind->format);
  if (kind->format == RowFormat::kFloat) {
    rows.bottom_up = true;
    status = take_float_order(reading, rows.format);
  } else if (kind->format != RowFormat::kInvertedBits) {
    status = take_range(reading, header);
  }
  rows.offset = reading.at;
  return status;
}

}  // namespace pixtok::decode
