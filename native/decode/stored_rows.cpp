#include "decode/stored_rows.h"

#include "decode/image_fault.h"

namespace pixtok::decode {

namespace {

std::uint64_t stride_of(const StoredRows& rows) {
  return rows.stride != 0 ? rows.stride : row_bytes(rows.format, rows.width);
}

}  // namespace

std::uint64_t end_of(const StoredRows& rows) {
  return rows.offset + stride_of(rows) * static_cast<std::uint64_t>(rows.height - 1) +
         row_bytes(rows.format, rows.width);
}

core::Status unpack_rows(core::Bytes file, const StoredRows& rows, core::ScratchBuffer& memory,
                         core::PixelView& pixels) {
  if (end_of(rows) > file.size) return truncated("it ends before its pixels do");
  const core::PixelFormat format = unpacked_format(rows.format);
  const std::uint64_t stride = stride_of(rows);
  if (is_unpacked(rows.format) && !rows.bottom_up && stride == row_bytes(rows.format, rows.width)) {
    pixels = core::pixels_in(file, static_cast<std::size_t>(rows.offset), format, rows.width,
                             rows.height);
    return core::Status::success();
  }
  std::uint8_t* target = memory.reserve(core::bytes_of_pixels(format, rows.width, rows.height));
  const std::size_t target_stride = core::bytes_of_pixels(format, rows.width, 1);
  const std::uint8_t* row = file.data + rows.offset;
  for (int i = 0; i < rows.height; ++i) {
    const int y = rows.bottom_up ? rows.height - 1 - i : i;
    unpack_row(rows.format, row + static_cast<std::uint64_t>(i) * stride, rows.width,
               target + static_cast<std::size_t>(y) * target_stride);
  }
  pixels = {target, rows.width, rows.height, format, true};
  return core::Status::success();
}

}  // namespace pixtok::decode
