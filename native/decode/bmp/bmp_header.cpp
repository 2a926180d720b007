#include "decode/bmp/bmp_header.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "decode/file_numbers.h"
#include "decode/file_signature.h"
#include "decode/image_fault.h"

namespace pixtok::decode {

namespace {

using core::Bytes;
using core::Status;

constexpr std::size_t kFileHeaderBytes = 14;
constexpr std::uint32_t kCoreHeaderBytes = 12;
constexpr std::uint32_t kRaw = 0;
constexpr std::uint32_t kRle8 = 1;
constexpr std::uint32_t kRle4 = 2;
constexpr std::uint32_t kBitfields = 3;
constexpr std::uint32_t kMostColours = 65536;

// Red, green, blue and alpha.
using Masks = std::array<std::uint32_t, 4>;

// The fields of all versions of the header.
struct Fields {
  std::uint32_t header_bytes = 0;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool top_down = false;
  std::uint32_t bits = 0;
  std::uint32_t compression = kRaw;
  std::uint32_t colours = 0;
  std::uint32_t colour_bytes = 4;
  Masks masks{};
  std::size_t end = 0;  // of what has been read
};

Status ends_early() { return truncated("it ends early"); }

bool is_known(std::uint32_t header_bytes) {
  constexpr std::array<std::uint32_t, 6> kKnown = {40, 52, 56, 64, 108, 124};
  return std::find(kKnown.begin(), kKnown.end(), header_bytes) != kKnown.end();
}

Status read_fields(Bytes file, Fields& fields) {
  if (file.size < kFileHeaderBytes + 4) return ends_early();
  const std::uint8_t* header = file.data + kFileHeaderBytes;
  fields.header_bytes = little32(header);
  const bool is_core = fields.header_bytes == kCoreHeaderBytes;
  if (!is_core && !is_known(fields.header_bytes)) {
    return unsupported("this is a BMP file whose header has " +
                       std::to_string(fields.header_bytes) + " bytes, which is none that is known");
  }
  fields.end = kFileHeaderBytes + fields.header_bytes;
  if (file.size < fields.end) return ends_early();
  if (is_core) {
    fields.width = little16(header + 4);
    fields.height = little16(header + 6);
    fields.bits = little16(header + 10);
    fields.colour_bytes = 3;
    return Status::success();
  }
  fields.top_down = header[11] == 0xFF;
  fields.width = little32(header + 4);
  fields.height = little32(header + 8);
  if (fields.top_down) fields.height = 0U - fields.height;
  fields.bits = little16(header + 14);
  fields.compression = little32(header + 16);
  fields.colours = little32(header + 32);
  if (fields.compression != kBitfields) return Status::success();
  const bool are_behind = fields.header_bytes < 52;
  const std::size_t count = fields.header_bytes < 56 ? 3 : 4;
  if (are_behind) fields.end += 4 * count;
  if (file.size < fields.end) return ends_early();
  for (std::size_t i = 0; i < count; ++i) fields.masks[i] = little32(header + 40 + 4 * i);
  return Status::success();
}

struct Layout {
  std::uint32_t bits;
  Masks masks;
  RowFormat format;
};

constexpr Layout kLayouts[] = {
    {32, {0xFF0000, 0xFF00, 0xFF, 0}, RowFormat::kBgrx},
    {32, {0xFF000000, 0xFF0000, 0xFF00, 0}, RowFormat::kXbgr},
    {32, {0xFF000000, 0xFF00, 0xFF, 0}, RowFormat::kBgxr},
    {32, {0xFF000000, 0xFF0000, 0xFF00, 0xFF}, RowFormat::kAbgr},
    {32, {0xFF, 0xFF00, 0xFF0000, 0xFF000000}, RowFormat::kRgba},
    {32, {0xFF0000, 0xFF00, 0xFF, 0xFF000000}, RowFormat::kBgra},
    {32, {0xFF000000, 0xFF00, 0xFF, 0xFF0000}, RowFormat::kBgar},
    {32, {0, 0, 0, 0}, RowFormat::kBgra},
    {24, {0xFF0000, 0xFF00, 0xFF, 0}, RowFormat::kBgr},
    {16, {0xF800, 0x7E0, 0x1F, 0}, RowFormat::kBgr16},
    {16, {0x7C00, 0x3E0, 0x1F, 0}, RowFormat::kBgr15},
};

// Alpha counts with 32 bits only.
std::optional<RowFormat> format_of(std::uint32_t bits, const Masks& masks) {
  const auto* found = std::find_if(std::begin(kLayouts), std::end(kLayouts), [&](const Layout& l) {
    return l.bits == bits &&
           std::equal(masks.begin(), bits == 32 ? masks.end() : masks.end() - 1, l.masks.begin());
  });
  if (found == std::end(kLayouts)) return std::nullopt;
  return found->format;
}

std::optional<RowFormat> format_of(std::uint32_t bits) {
  switch (bits) {
    case 1:
      return RowFormat::kIndices1;
    case 4:
      return RowFormat::kIndices4;
    case 8:
      return RowFormat::kIndices8;
    case 16:
      return RowFormat::kBgr15;
    case 24:
      return RowFormat::kBgr;
    case 32:
      return RowFormat::kBgrx;
    default:
      return std::nullopt;
  }
}

// Whether indices are levels of grey, or black and white.
bool is_grey(Bytes colours, const Fields& fields) {
  const bool is_two = fields.colours == 2;
  for (std::uint32_t i = 0; i < fields.colours; ++i) {
    const std::size_t at = std::size_t{fields.colour_bytes} * i;
    if (at + 3 > colours.size) return false;
    const auto level = static_cast<std::uint8_t>(is_two ? 255 * i : i);
    const std::uint8_t* colour = colours.data + at;
    if (colour[0] != level || colour[1] != level || colour[2] != level) return false;
  }
  return true;
}

// Of a file that ends within its palette the rest of it is black.
Status read_palette(Bytes file, Fields& fields, BmpHeader& header) {
  if (fields.colours > kMostColours) {
    return unsupported("this is a BMP file of " + std::to_string(fields.colours) + " colours");
  }
  const std::size_t bytes = std::size_t{fields.colour_bytes} * fields.colours;
  const Bytes colours{file.data + fields.end, std::min(bytes, file.size - fields.end)};
  fields.end += colours.size;
  if (is_grey(colours, fields)) {
    header.rows.format = fields.colours <= 2 ? RowFormat::kBits : RowFormat::kGrey;
    return Status::success();
  }
  const std::size_t count = colours.size / fields.colour_bytes;
  if (count > header.palette.size()) return corrupt("its palette has more than 256 colours");
  for (std::size_t i = 0; i < header.palette.size(); ++i) {
    const std::uint8_t* from = colours.data + fields.colour_bytes * i;
    if (i < count) {
      header.palette[i] = {from[2], from[1], from[0], 255};
    } else {
      header.palette[i] = {0, 0, 0, 255};
    }
  }
  return Status::success();
}

// Bytes that runs are unpacked to.
Status set_codec(const Fields& fields, BmpHeader& header) {
  header.codec = fields.compression == kRle8 ? BmpCodec::kRunsOfBytes : BmpCodec::kRunsOfNibbles;
  switch (core::PixelFormat format = unpacked_format(header.rows.format)) {
    case core::PixelFormat::kIndexed:
      header.rows.format = RowFormat::kIndices8;
      return Status::success();
    default:
      // black and white is any other byte than 0 for white
      return format == core::PixelFormat::kGrey ? Status::success()
                                                : corrupt("its colours are packed as indices are");
  }
}

// Rows of grey levels take a byte a pixel. Where the file has fewer bits of them, Pillow reads
// bytes all the same: by its decoder where four of them fit a row, otherwise by mapping a file that
// has enough of them.
Status set_stride(Bytes file, const Fields& fields, StoredRows& rows) {
  rows.stride = (std::uint64_t{fields.width} * fields.bits + 31) / 32 * 4;
  const std::uint64_t bytes = row_bytes(rows.format, rows.width);
  if (rows.stride >= bytes) return Status::success();
  rows.stride = bytes;
  if (end_of(rows) <= file.size) return Status::success();
  return corrupt("its rows are shorter than its pixels");
}

}  // namespace

Status read_bmp_header(Bytes file, BmpHeader& header) {
  header = {};
  Fields fields;
  Status status = read_fields(file, fields);
  if (!status.ok()) return status;
  status = require_sides(fields.width, fields.height);
  if (!status.ok()) return status;
  StoredRows& rows = header.rows;
  rows.width = static_cast<int>(fields.width);
  rows.height = static_cast<int>(fields.height);
  rows.bottom_up = !fields.top_down;
  const bool has_masks = fields.compression == kBitfields;
  const std::optional<RowFormat> plain = format_of(fields.bits);
  const std::optional<RowFormat> format = has_masks ? format_of(fields.bits, fields.masks) : plain;
  if (!plain || !format) {
    return unsupported("this is a BMP file of " + std::to_string(fields.bits) + " bits a pixel" +
                       (plain ? " with masks that are not read" : ", which are not read"));
  }
  rows.format = *format;
  if (fields.compression > kBitfields) {
    return unsupported("this is a BMP file of compression " + std::to_string(fields.compression) +
                       ", which is not read");
  }
  rows.offset = little32(file.data + 10);
  if (fields.bits <= 8) {
    if (fields.colours == 0) fields.colours = 1U << fields.bits;
    const bool is_behind_header = rows.offset == kFileHeaderBytes + fields.header_bytes;
    if (is_behind_header) rows.offset += std::uint64_t{fields.colour_bytes} * fields.colours;
    status = read_palette(file, fields, header);
    if (!status.ok()) return status;
  }
  if (rows.offset == 0) rows.offset = fields.end;
  if (fields.compression == kRle8 || fields.compression == kRle4) return set_codec(fields, header);
  return set_stride(file, fields, rows);
}

}  // namespace pixtok::decode
