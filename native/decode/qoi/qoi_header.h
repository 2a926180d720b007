#pragma once

#include <cstddef>

#include "core/bytes.h"
#include "core/status.h"

namespace pixtok::decode {

// What is in front of the pixels of a QOI file.
struct QoiHeader {
  static constexpr std::size_t kBytes = 14;

  int width = 0;
  int height = 0;
  bool has_alpha = false;
};

core::Status read_qoi_header(core::Bytes file, QoiHeader& header);

}  // namespace pixtok::decode
