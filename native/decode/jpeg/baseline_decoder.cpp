#include "decode/jpeg/baseline_decoder.h"

#include <cstdint>

namespace pixtok::decode {

bool BaselineDecoder::open(core::Bytes file) { return read_baseline_file(file, file_); }

bool BaselineDecoder::decode() {
  const std::int64_t units = static_cast<std::int64_t>(file_.units_across()) * file_.units_down();
  const std::int64_t interval = file_.restart_interval == 0 ? units : file_.restart_interval;
  if (!data_.read(file_.scan, static_cast<std::size_t>((units + interval - 1) / interval))) {
    return false;
  }
  planes_.reserve(file_.format, file_.width, file_.height);
  std::array<BlockPlane, 3> planes;
  for (std::size_t i = 0; i < planes.size(); ++i) planes[i] = {planes_.plane(i), planes_.stride(i)};
  return scan_.begin(file_, planes) && scan_.decode();
}

void BaselineDecoder::trim(std::size_t keep_at_most) {
  data_.trim(keep_at_most);
  planes_.trim(keep_at_most);
}

}  // namespace pixtok::decode
