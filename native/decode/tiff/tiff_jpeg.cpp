#include "decode/tiff/tiff_jpeg.h"

#include <cstddef>
#include <cstring>
#include <numeric>

#include "decode/jpeg/jpeg_input.h"
#include "decode/jpeg/jpeg_walk.h"

namespace pixtok::decode {

namespace {

using core::Status;
using core::StatusCode;

constexpr int kMostScans = 100;  // libtiff refuses as many
constexpr std::uint8_t kMark = 0xFF;
constexpr std::uint8_t kStartOfImage = 0xD8;
constexpr std::uint8_t kEndOfImage = 0xD9;
constexpr std::uint8_t kHuffmanTables = 0xC4;
constexpr std::uint8_t kQuantizationTables = 0xDB;

Status corrupt(const char* what) { return Status::failure(StatusCode::kCorruptImage, what); }

void write_segment(std::vector<std::uint8_t>& file, std::uint8_t marker,
                   const std::vector<std::uint8_t>& content) {
  const std::size_t length = content.size() + 2;
  file.insert(file.end(), {kMark, marker, static_cast<std::uint8_t>(length >> 8),
                           static_cast<std::uint8_t>(length & 0xFF)});
  file.insert(file.end(), content.begin(), content.end());
}

void write_huffman(std::vector<std::uint8_t>& file, const HuffmanTable& table, int head) {
  if (!table.defined) return;
  const auto first = table.counts.begin() + 1;
  const int symbols = std::accumulate(first, table.counts.end(), 0);
  std::vector<std::uint8_t> content{static_cast<std::uint8_t>(head)};
  content.insert(content.end(), first, table.counts.end());
  content.insert(content.end(), table.symbols.begin(), table.symbols.begin() + symbols);
  write_segment(file, kHuffmanTables, content);
}

void write_quantization(std::vector<std::uint8_t>& file, const QuantizationTable& table,
                        int number) {
  constexpr int kWide = 0x10;
  if (!table.defined) return;
  std::vector<std::uint8_t> content{static_cast<std::uint8_t>(kWide | number)};
  for (const std::uint16_t value : table.values) {
    content.push_back(static_cast<std::uint8_t>(value >> 8));
    content.push_back(static_cast<std::uint8_t>(value & 0xFF));
  }
  write_segment(file, kQuantizationTables, content);
}

// Whether there may be tables from a place on: a scan's data has no such bytes.
bool has_tables(core::Bytes data, std::size_t from) {
  for (std::size_t at = from; at + 1 < data.size; ++at) {
    const void* mark = std::memchr(data.data + at, kMark, data.size - 1 - at);
    if (mark == nullptr) return false;
    at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(mark) - data.data);
    const std::uint8_t marker = data.data[at + 1];
    if (marker == kHuffmanTables || marker == kQuantizationTables) return true;
  }
  return false;
}

}  // namespace

core::Bytes TiffJpegReader::ended(core::Bytes data) {
  ended_.assign(data.data, data.data + data.size);
  for (std::size_t i = 0; i < JpegInput::kEndMarkers; ++i) {
    ended_.push_back(kMark);
    ended_.push_back(kEndOfImage);
  }
  return {ended_.data(), ended_.size()};
}

void TiffJpegReader::lend_tables(JpegMarkers& markers) const {
  markers.quantization = quantization_;
  markers.dc_tables = dc_tables_;
  markers.ac_tables = ac_tables_;
}

void TiffJpegReader::keep_tables(const JpegMarkers& markers) {
  quantization_ = markers.quantization;
  dc_tables_ = markers.dc_tables;
  ac_tables_ = markers.ac_tables;
}

Status TiffJpegReader::read_tables(core::Bytes tables) {
  JpegInput input = JpegInput::ended(ended(tables), tables.size);
  JpegMarkers markers(input);
  JpegWalk walk(input, markers);
  const bool are_tables =
      walk.read_to_scan().ok() && markers.at_end_of_image() && !markers.has_frame();
  if (!are_tables) return corrupt("the file is corrupt: its JPEG tables are none");
  keep_tables(markers);
  return Status::success();
}

Status TiffJpegReader::read_block(const TiffJpegBlock& block, int& width, int& height) {
  const Status broken =
      corrupt("the file is corrupt: the JPEG data of a strip or tile cannot be decoded");
  JpegInput input = JpegInput::ended(ended(block.jpeg), block.jpeg.size);
  JpegMarkers markers(input);
  lend_tables(markers);
  JpegWalk walk(input, markers);
  if (!walk.read_to_scan().ok() || markers.at_end_of_image()) return broken;
  const JpegFrame& frame = markers.frame;
  if (!fits(frame, block)) {
    return corrupt("the file is corrupt: a strip or tile holds another image than it declares");
  }
  if (frame.coding == JpegFrame::Coding::kLossless) {
    return Status::failure(StatusCode::kUnsupportedFormat,
                           "this is a TIFF file of lossless JPEG, which is not read: convert it");
  }
  width = frame.width;
  height = frame.height;
  if (!walk.set_up().ok()) return broken;
  const bool ends_with_scan = walk.is_sequential() && !has_tables(block.jpeg, input.at());
  if (!(ends_with_scan ? walk.begin_scan() : walk.read_scans(kMostScans)).ok()) return broken;
  // libtiff reads no farther than the rows that it needs, and passes over what is wrong behind the
  // last one: of that, tables stay.
  if (!ends_with_scan && height <= block.rows) (void)walk.read_end();
  keep_tables(markers);
  return Status::success();
}

bool TiffJpegReader::fits(const JpegFrame& frame, const TiffJpegBlock& block) const {
  const bool is_too_tall = frame.height > block.rows;
  const bool is_cut = block.may_be_taller && frame.width == layout_.columns;
  if (frame.width > layout_.columns || (is_too_tall && !is_cut)) return false;
  if (static_cast<std::int64_t>(frame.width) * frame.height > layout_.max_pixels) return false;
  if (frame.components.size() != static_cast<std::size_t>(layout_.components)) return false;
  constexpr std::size_t kOfYcc = 3;
  if (layout_.is_ycc && frame.components.size() != kOfYcc) return false;
  for (std::size_t i = 0; i < frame.components.size(); ++i) {
    const JpegComponent& component = frame.components[i];
    if (component.across != (i == 0 ? layout_.across : 1)) return false;
    if (component.down != (i == 0 ? layout_.down : 1)) return false;
  }
  return true;
}

std::vector<std::uint8_t> TiffJpegReader::tables() const {
  constexpr int kAc = 0x10;
  std::vector<std::uint8_t> file{kMark, kStartOfImage};
  for (std::size_t i = 0; i < JpegMarkers::kTables; ++i) {
    const int number = static_cast<int>(i);
    write_quantization(file, quantization_[i], number);
    write_huffman(file, dc_tables_[i], number);
    write_huffman(file, ac_tables_[i], kAc | number);
  }
  file.insert(file.end(), {kMark, kEndOfImage});
  return file;
}

}  // namespace pixtok::decode
