#include "decode/tga/tga_header.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "decode/file_numbers.h"
#include "decode/image_fault.h"

namespace pixtok::decode {

namespace {

using core::Bytes;
using core::Status;

// Truevision TGA file format specification 2.0, appendix A.
constexpr std::size_t kHeaderBytes = 18;
constexpr std::uint8_t kPacked = 8;
constexpr std::uint8_t kIndexed = 1;
constexpr std::uint8_t kColour = 2;
constexpr std::uint8_t kGrey = 3;
constexpr std::uint8_t kRightToLeft = 0x10;
constexpr std::uint8_t kTopDown = 0x20;

bool is_kind(std::uint8_t kind) {
  const int unpacked = kind & ~kPacked;
  return kind < 16 && unpacked >= kIndexed && unpacked <= kGrey;
}

bool is_depth(std::uint8_t depth) {
  return depth == 1 || depth == 8 || depth == 16 || depth == 24 || depth == 32;
}

bool begins_as(const std::uint8_t* start, std::uint8_t kind) {
  return start[0] == 0 && start[1] == 0 && start[2] == kind && start[3] == 0;
}

// As Pillow's plugin for cursors, which comes first, takes a file for one: the header of the
// largest of its bitmaps lies within it.
bool is_cursor(Bytes file) {
  constexpr std::size_t kStartBytes = 6;
  constexpr std::size_t kEntryBytes = 16;
  if (!begins_as(file.data, kColour)) return false;
  const std::size_t count = little16(file.data + 4);
  const std::uint8_t* largest = nullptr;
  std::size_t at = kStartBytes;
  for (std::size_t i = 0; i < count; ++i, at += kEntryBytes) {
    if (file.size - at < kEntryBytes) return false;
    const std::uint8_t* entry = file.data + at;
    const bool is_larger = largest == nullptr || (entry[0] > largest[0] && entry[1] > largest[1]);
    if (is_larger) largest = entry;
  }
  if (largest == nullptr) return false;
  const std::uint64_t header = little32(largest + 12);
  return (header == 0 ? at : header) + 4 <= file.size;
}

// As Pillow's plugin for PCX files, which comes first, takes a file for one. It does not read a
// file that has less than its header.
bool is_pcx(Bytes file) {
  constexpr std::size_t kPcxHeaderBytes = 68;
  const std::uint8_t* start = file.data;
  return file.size >= kPcxHeaderBytes && start[0] == 10 && start[1] == 0 &&
         little16(start + 8) + 1 > little16(start + 4) &&
         little16(start + 10) + 1 > little16(start + 6);
}

// Pillow opens other files of these kinds and depths, but cannot load them.
std::optional<RowFormat> format_of(int kind, int depth, bool has_palette) {
  if (kind == kIndexed && depth == 8 && has_palette) return RowFormat::kIndices8;
  if (kind == kGrey && depth == 1 && !has_palette) return RowFormat::kBits;
  if (kind == kGrey && depth == 8) return has_palette ? RowFormat::kIndices8 : RowFormat::kGrey;
  if (kind == kGrey && depth == 16) return RowFormat::kGreyAlpha;
  if (kind != kColour || has_palette) return std::nullopt;
  switch (depth) {
    case 16:
      return RowFormat::kBgra15Inverted;
    case 24:
      return RowFormat::kBgr;
    case 32:
      return RowFormat::kBgra;
    default:
      return std::nullopt;
  }
}

// Entries in front of the first one are stored as zeros would be. `end` is that of what the file
// has.
Status read_palette(Bytes file, const std::uint8_t* start, std::size_t& end, TgaHeader& header) {
  RowFormat format = RowFormat::kBgr;
  switch (start[7]) {
    case 16:
      format = RowFormat::kBgra15Inverted;
      break;
    case 24:
      break;
    case 32:
      format = RowFormat::kBgra;
      break;
    default:
      return corrupt("the colours of its palette have " + std::to_string(start[7]) + " bits");
  }
  const auto bytes = static_cast<std::size_t>(bits_per_pixel(format)) / 8;
  const std::size_t first = little16(start + 3);
  const std::size_t stored =
      std::min(bytes * little16(start + 5), file.size - std::min(end, file.size));
  const std::size_t count = first + stored / bytes;
  if (count > header.palette.size()) return corrupt("its palette has more than 256 colours");
  constexpr std::uint8_t kZeros[4] = {};
  for (std::size_t i = 0; i < header.palette.size(); ++i) {
    auto& colour = header.palette[i];
    colour = {0, 0, 0, 255};
    if (i >= count) continue;
    const std::uint8_t* from = i < first ? kZeros : file.data + end + bytes * (i - first);
    unpack_row(format, from, 1, colour.data());
  }
  end += stored;
  return Status::success();
}

}  // namespace

bool is_tga(Bytes start) {
  if (start.size < kHeaderBytes) return false;
  const std::uint8_t* at = start.data;
  return at[1] <= 1 && is_kind(at[2]) && little16(at + 12) != 0 && little16(at + 14) != 0 &&
         is_depth(at[16]) && !begins_as(at, kIndexed);
}

Status read_tga_header(Bytes file, TgaHeader& header) {
  header = {};
  if (file.size < kHeaderBytes) return truncated("it ends early");
  if (is_cursor(file)) return unsupported("this is a cursor file: convert it to PNG");
  if (is_pcx(file))
    return unsupported("this is a PCX file, or a TGA file that Pillow takes for one");
  const std::uint8_t* start = file.data;
  header.has_palette = start[1] == 1;
  header.is_packed = (start[2] & kPacked) != 0;
  header.right_to_left = (start[17] & kRightToLeft) != 0;
  StoredRows& rows = header.rows;
  rows.width = static_cast<int>(little16(start + 12));
  rows.height = static_cast<int>(little16(start + 14));
  rows.bottom_up = (start[17] & kTopDown) == 0;
  const int kind = start[2] & ~kPacked;
  const std::optional<RowFormat> format = format_of(kind, start[16], header.has_palette);
  // packed bits are of no use to Pillow either
  if (!format || (header.is_packed && *format == RowFormat::kBits)) {
    return unsupported("this is a TGA file of type " + std::to_string(start[2]) + " and " +
                       std::to_string(start[16]) + " bits a pixel" +
                       (header.has_palette ? " with a palette" : "") + ", which is not read");
  }
  rows.format = *format;
  std::size_t end = kHeaderBytes + start[0];
  if (header.has_palette) {
    const Status status = read_palette(file, start, end, header);
    if (!status.ok()) return status;
    // alpha of a palette does not count where levels of grey are looked up in it
    if (kind == kGrey) {
      for (auto& colour : header.palette) colour[3] = 255;
    }
  }
  rows.offset = end;
  return Status::success();
}

}  // namespace pixtok::decode
