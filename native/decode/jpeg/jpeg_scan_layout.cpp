#include "decode/jpeg/jpeg_scan_layout.h"

#include <algorithm>

namespace pixtok::decode {

namespace {

bool lay_out_blocks(const JpegMarkers& markers, const std::vector<JpegBlocks>& blocks,
                    JpegScanLayout& layout) {
  const JpegFrame& frame = markers.frame;
  const std::vector<std::size_t>& components = markers.scan.components;
  if (components.size() == 1) {
    layout.units_across = blocks[components[0]].across;
    layout.units = layout.units_across * blocks[components[0]].down;
    layout.blocks_in_unit = 1;
    return true;
  }
  int across = 1;
  int down = 1;
  for (const JpegComponent& component : frame.components) {
    across = std::max(across, component.across);
    down = std::max(down, component.down);
  }
  const auto parts = [](int whole, int part) {
    return static_cast<std::size_t>((whole + part - 1) / part);
  };
  layout.units_across = parts(frame.width, frame.block_side() * across);
  layout.units = layout.units_across * parts(frame.height, frame.block_side() * down);
  for (std::size_t i = 0; i < components.size(); ++i) {
    const JpegComponent& component = frame.components[components[i]];
    for (int block = 0; block < component.across * component.down; ++block) {
      if (layout.blocks_in_unit == JpegScanLayout::kMostBlocks) return false;
      layout.components[layout.blocks_in_unit++] = i;
    }
  }
  return true;
}

bool quantization_is_known(JpegMarkers& markers) {
  for (const std::size_t place : markers.scan.components) {
    JpegComponent& component = markers.frame.components[place];
    if (component.quantized) continue;
    const auto number = static_cast<std::size_t>(component.quantization);
    if (number >= JpegMarkers::kTables || !markers.quantization[number].defined) return false;
    component.quantized = true;
  }
  return true;
}

bool has_progressive_numbers(const JpegScanHeader& scan) {
  constexpr int kCoefficients = 64;
  constexpr int kHighestBit = 13;
  const bool band = scan.first == 0 ? scan.last == 0
                                    : scan.first <= scan.last && scan.last < kCoefficients &&
                                          scan.components.size() == 1;
  const bool bits = scan.high_bit == 0 || scan.low_bit == scan.high_bit - 1;
  return band && bits && scan.low_bit <= kHighestBit;
}

// Restarts are between rows of units.
bool has_lossless_numbers(const JpegMarkers& markers, const JpegScanLayout& layout) {
  constexpr int kPredictors = 7;
  const JpegScanHeader& scan = markers.scan;
  return scan.first >= 1 && scan.first <= kPredictors && scan.last == 0 && scan.high_bit == 0 &&
         scan.low_bit < markers.frame.precision &&
         static_cast<std::size_t>(markers.restart_interval) % layout.units_across == 0;
}

}  // namespace

bool lay_out_scan(JpegMarkers& markers, const std::vector<JpegBlocks>& blocks,
                  JpegScanLayout& layout) {
  if (!lay_out_blocks(markers, blocks, layout)) return false;
  switch (markers.frame.coding) {
    case JpegFrame::Coding::kLossless:
      return has_lossless_numbers(markers, layout);
    case JpegFrame::Coding::kProgressive:
      return quantization_is_known(markers) && has_progressive_numbers(markers.scan);
    case JpegFrame::Coding::kSequential:
      break;
  }
  return quantization_is_known(markers);
}

}  // namespace pixtok::decode
