#include "decode/tga/tga_decoder.h"

#include <algorithm>
#include <cstring>

#include "decode/file_numbers.h"
#include "decode/image_fault.h"
#include "decode/most_file_bytes.h"
#include "decode/tga/tga_packets.h"

namespace pixtok::decode {

namespace {

using core::PixelFormat;
using core::Status;

constexpr std::size_t kFooterBytes = 26;
constexpr char kFooterSignature[] = "TRUEVISION-XFILE.";
constexpr std::uint64_t kAttributesType = 494;  // in the extension area

// Whether the extension area says that what is in the place of alpha is none.
bool has_no_alpha(core::Bytes file) {
  const std::uint8_t* footer = file.data + file.size - kFooterBytes;
  const std::size_t signature = sizeof kFooterSignature;  // with the zero behind it
  if (std::memcmp(footer + kFooterBytes - signature, kFooterSignature, signature) != 0) {
    return false;
  }
  const std::uint64_t extension = little32(footer);
  const std::uint64_t at = extension + kAttributesType;
  return extension != 0 && at < file.size && file.data[at] == 0;
}

}  // namespace

bool TgaDecoder::reads(core::Bytes start) const { return is_tga(start); }

std::uint64_t TgaDecoder::most_bytes(core::Bytes start, std::int64_t max_pixels) const {
  TgaHeader header;
  if (!read_tga_header(start, header).ok()) return kMostFileBytes;
  const StoredRows& rows = header.rows;
  // twice what its pixels take: other areas may follow, and its footer is at its end
  return most_file_bytes(std::int64_t{rows.width} * rows.height, max_pixels, 2 * end_of(rows));
}

Status TgaDecoder::open(core::Bytes file, ImageSize& size) {
  file_ = file;
  const Status status = read_tga_header(file, header_);
  size = {header_.rows.width, header_.rows.height};
  return status;
}

Status TgaDecoder::decode(int, core::PixelView& pixels) {
  const Status status = read_pixels(pixels);
  if (!status.ok()) return status;
  if (pixels.format == PixelFormat::kRgba) {
    if (file_.size < kFooterBytes) return truncated("it ends where its footer should be");
    if (has_no_alpha(file_)) make_opaque(pixels);
  }
  if (header_.has_palette && pixels.format == PixelFormat::kGreyAlpha) look_up(pixels);
  if (header_.right_to_left) mirror(pixels);
  pixels.palette = &header_.palette;
  return Status::success();
}

Status TgaDecoder::read_pixels(core::PixelView& pixels) {
  const StoredRows& rows = header_.rows;
  if (!header_.is_packed) return unpack_rows(file_, rows, memory_, pixels);
  const auto depth = static_cast<std::size_t>(bits_per_pixel(rows.format)) / 8;
  const std::size_t row_bytes = depth * static_cast<std::size_t>(rows.width);
  const auto height = static_cast<std::size_t>(rows.height);
  std::uint8_t* stored = packed_.reserve(row_bytes * height);
  const Status status = unpack_tga_packets(file_, rows.offset, depth, row_bytes, height, stored);
  if (!status.ok()) return status;
  StoredRows unpacked = rows;
  unpacked.offset = 0;
  const core::Bytes padded{stored, row_bytes * height + core::kTailPadding};
  return unpack_rows(padded, unpacked, memory_, pixels);
}

void TgaDecoder::make_opaque(core::PixelView& pixels) {
  const std::size_t bytes = core::bytes_of_pixels(pixels.format, pixels.width, pixels.height);
  std::uint8_t* target = changed_.reserve(bytes);
  std::memcpy(target, pixels.data, bytes);
  for (std::size_t i = 3; i < bytes; i += 4) target[i] = 255;
  pixels = {target, pixels.width, pixels.height, pixels.format, true};
}

// Grey as an index, with the alpha that is beside it.
void TgaDecoder::look_up(core::PixelView& pixels) {
  const std::size_t count =
      static_cast<std::size_t>(pixels.width) * static_cast<std::size_t>(pixels.height);
  std::uint8_t* target = changed_.reserve(4 * count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& colour = header_.palette[pixels.data[2 * i]];
    std::copy_n(colour.begin(), 3, target + 4 * i);
    target[4 * i + 3] = pixels.data[2 * i + 1];
  }
  pixels = {target, pixels.width, pixels.height, PixelFormat::kRgba, true};
}

void TgaDecoder::mirror(core::PixelView& pixels) {
  const auto bytes = static_cast<std::size_t>(core::bytes_per_pixel(pixels.format));
  const auto width = static_cast<std::size_t>(pixels.width);
  const std::size_t count = width * static_cast<std::size_t>(pixels.height);
  std::uint8_t* target = mirrored_.reserve(bytes * count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t from = i - i % width + (width - 1 - i % width);
    std::memcpy(target + bytes * i, pixels.data + bytes * from, bytes);
  }
  pixels = {target, pixels.width, pixels.height, pixels.format, true};
}

void TgaDecoder::trim(std::size_t keep_at_most) {
  packed_.trim(keep_at_most);
  memory_.trim(keep_at_most);
  changed_.trim(keep_at_most);
  mirrored_.trim(keep_at_most);
}

}  // namespace pixtok::decode
