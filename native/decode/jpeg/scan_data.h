#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/aligned_buffer.h"
#include "core/bytes.h"

namespace pixtok::decode {

// The entropy-coded data of a scan without the zeros that are stuffed behind 0xFF (T.81, F.1.2.3),
// and without the restart markers between its intervals.
class ScanData {
 public:
  // So many bytes behind the last interval are readable, and zero.
  static constexpr std::size_t kPadding = 512;

  // False where there are not exactly so many intervals, each but the last with its own marker
  // behind it, and then the end of the image; or where a marker has fill bytes. `scan` is what
  // follows the scan's header. Throws std::bad_alloc.
  bool read(core::Bytes scan, std::size_t intervals);

  const std::uint8_t* data() const { return bytes_.data(); }

  // Where an interval ends, from data() on.
  const std::vector<std::size_t>& ends() const { return ends_; }

  void trim(std::size_t keep_at_most);

 private:
  core::ScratchBuffer bytes_;
  std::vector<std::size_t> ends_;
};

}  // namespace pixtok::decode
