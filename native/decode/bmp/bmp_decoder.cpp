#include "decode/bmp/bmp_decoder.h"

#include <algorithm>

#include "decode/bmp/bmp_runs.h"
#include "decode/file_signature.h"
#include "decode/most_file_bytes.h"

namespace pixtok::decode {

namespace {

using core::Status;

constexpr std::uint64_t kMostPackedPixelBytes = 2;

}  // namespace

bool BmpDecoder::reads(core::Bytes start) const { return is_bmp(start.data, start.size); }

std::uint64_t BmpDecoder::most_bytes(core::Bytes start, std::int64_t max_pixels) const {
  BmpHeader header;
  if (!read_bmp_header(start, header).ok()) return kMostFileBytes;
  const StoredRows& rows = header.rows;
  const std::int64_t pixels = std::int64_t{rows.width} * rows.height;
  const std::uint64_t end =
      header.codec == BmpCodec::kNone
          ? end_of(rows)
          : rows.offset + kMostPackedPixelBytes * static_cast<std::uint64_t>(pixels);
  return most_file_bytes(pixels, max_pixels, end);
}

Status BmpDecoder::open(core::Bytes file, ImageSize& size) {
  file_ = file;
  const Status status = read_bmp_header(file, header_);
  size = {header_.rows.width, header_.rows.height};
  return status;
}

Status BmpDecoder::decode(int, core::PixelView& pixels) {
  StoredRows rows = header_.rows;
  if (header_.codec == BmpCodec::kNone) {
    const Status status = unpack_rows(file_, rows, memory_, pixels);
    pixels.palette = &header_.palette;
    return status;
  }
  const auto width = static_cast<std::size_t>(rows.width);
  const std::size_t count = width * static_cast<std::size_t>(rows.height);
  std::uint8_t* unpacked = memory_.reserve(count);
  const bool nibbles = header_.codec == BmpCodec::kRunsOfNibbles;
  const Status status = unpack_bmp_runs(file_, rows.offset, nibbles, width, count, unpacked);
  if (!status.ok()) return status;
  if (rows.format == RowFormat::kBits) {
    std::transform(unpacked, unpacked + count, unpacked, [](std::uint8_t value) {
      return value == 0 ? std::uint8_t{0} : std::uint8_t{255};
    });
  }
  if (rows.bottom_up) {
    for (int top = 0, bottom = rows.height - 1; top < bottom; ++top, --bottom) {
      std::swap_ranges(unpacked + top * width, unpacked + (top + 1) * width,
                       unpacked + bottom * width);
    }
  }
  pixels = {unpacked, rows.width, rows.height, unpacked_format(rows.format), true};
  pixels.palette = &header_.palette;
  return Status::success();
}

}  // namespace pixtok::decode
