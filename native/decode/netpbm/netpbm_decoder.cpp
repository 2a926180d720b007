#include "decode/netpbm/netpbm_decoder.h"

#include <algorithm>
#include <cmath>

#include "decode/image_fault.h"
#include "decode/most_file_bytes.h"
#include "decode/netpbm/plain_samples.h"

namespace pixtok::decode {

namespace {

using core::Status;

// Of plain files with white space and comments.
constexpr std::uint64_t kMostSampleBytes = 16;

std::uint64_t samples_of(const NetpbmHeader& header) {
  return core::bytes_of_pixels(header.format, header.rows.width, header.rows.height);
}

// What Pillow scales samples to, rounded half to even: bytes, or numbers of 16 bits that convert()
// clips to bytes. Stored ones may be above their range.
void fill_table(const NetpbmHeader& header, std::size_t size, std::vector<std::uint8_t>& table) {
  table.resize(size);
  const double scale = header.is_clipped ? 65535.0 : 255.0;
  for (std::size_t i = 0; i < size; ++i) {
    const double scaled =
        std::nearbyint(static_cast<double>(i) / static_cast<double>(header.most) * scale);
    table[i] = static_cast<std::uint8_t>(std::min(scaled, 255.0));
  }
}

}  // namespace

NetpbmDecoder::NetpbmDecoder() { black_.fill({0, 0, 0, 255}); }

bool NetpbmDecoder::reads(core::Bytes start) const { return is_netpbm(start); }

std::uint64_t NetpbmDecoder::most_bytes(core::Bytes start, std::int64_t max_pixels) const {
  NetpbmHeader header;
  if (!read_netpbm_header(start, header).ok()) return kMostFileBytes;
  const StoredRows& rows = header.rows;
  return most_file_bytes(std::int64_t{rows.width} * rows.height, max_pixels,
                         rows.offset + kMostSampleBytes * samples_of(header));
}

Status NetpbmDecoder::open(core::Bytes file, ImageSize& size) {
  file_ = file;
  const Status status = read_netpbm_header(file, header_);
  size = {header_.rows.width, header_.rows.height};
  return status;
}

Status NetpbmDecoder::decode(int, core::PixelView& pixels) {
  const StoredRows& rows = header_.rows;
  if (header_.codec == NetpbmCodec::kStored) {
    const Status status = unpack_rows(file_, rows, memory_, pixels);
    pixels.palette = &black_;
    return status;
  }
  const auto count = static_cast<std::size_t>(samples_of(header_));
  std::uint8_t* target = memory_.reserve(count);
  const Status status = read_samples(count, target);
  pixels = {target, rows.width, rows.height, header_.format, true};
  pixels.palette = &black_;
  return status;
}

Status NetpbmDecoder::read_samples(std::size_t count, std::uint8_t* target) {
  const core::Bytes samples = file_.from(static_cast<std::size_t>(header_.rows.offset));
  if (header_.codec == NetpbmCodec::kPlainBits) return read_plain_bits(samples, count, target);
  if (header_.codec == NetpbmCodec::kPlain) {
    fill_table(header_, header_.most + std::size_t{1}, table_);
    return read_plain_samples(samples, table_, count, target);
  }
  const bool are_bytes = header_.most < 256;
  if (samples.size / (are_bytes ? 1 : 2) < count) return truncated("it ends before its pixels do");
  fill_table(header_, are_bytes ? 256 : 65536, table_);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* at = samples.data + (are_bytes ? i : 2 * i);
    target[i] = table_[are_bytes ? at[0] : static_cast<std::size_t>(at[0] << 8 | at[1])];
  }
  return Status::success();
}

}  // namespace pixtok::decode
