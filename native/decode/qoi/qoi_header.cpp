#include "decode/qoi/qoi_header.h"

#include "decode/file_numbers.h"
#include "decode/image_fault.h"

namespace pixtok::decode {

core::Status read_qoi_header(core::Bytes file, QoiHeader& header) {
  // the last byte, of the colour space, is not looked at
  if (file.size < QoiHeader::kBytes - 1) return truncated("it ends early");
  const std::uint32_t width = big32(file.data + 4);
  const std::uint32_t height = big32(file.data + 8);
  header.has_alpha = file.data[12] != 3;
  const core::Status status = require_sides(width, height);
  if (!status.ok()) return status;
  header.width = static_cast<int>(width);
  header.height = static_cast<int>(height);
  return status;
}

}  // namespace pixtok::decode
