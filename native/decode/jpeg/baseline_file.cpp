#include "decode/jpeg/baseline_file.h"

#include <optional>
#include <vector>

#include "decode/jpeg/jpeg_input.h"
#include "decode/jpeg/jpeg_planes.h"

namespace pixtok::decode {

namespace {

using core::PixelFormat;

constexpr int kLargestSide = 65500;
constexpr int kPrecision = 8;
constexpr int kLargestFactor = 4;
constexpr int kLastCoefficient = 63;
constexpr std::uint16_t kLargestQuantization = 32767;  // what the kernels multiply by

// As libjpeg guesses it (jdapimin.c).
bool is_ycc(const JpegMarkers& markers) {
  constexpr int kTransformed = 1;
  if (markers.jfif) return true;
  if (markers.adobe_transform) return *markers.adobe_transform == kTransformed;
  const std::vector<JpegComponent>& components = markers.frame.components;
  return components[0].id == 1 && components[1].id == 2 && components[2].id == 3;
}

// By the sampling factors.
std::optional<PixelFormat> format_of(const JpegMarkers& markers) {
  const std::vector<JpegComponent>& components = markers.frame.components;
  const auto has_factors = [&](std::size_t i, int across, int down) {
    return components[i].across == across && components[i].down == down;
  };
  if (components.size() == 1) {
    const auto is_factor = [](int factor) { return factor >= 1 && factor <= kLargestFactor; };
    if (is_factor(components[0].across) && is_factor(components[0].down)) {
      return PixelFormat::kPlanarRgb;
    }
    return std::nullopt;
  }
  if (components.size() != 3 || !has_factors(1, 1, 1) || !has_factors(2, 1, 1)) return std::nullopt;
  if (!is_ycc(markers)) return std::nullopt;
  if (has_factors(0, 1, 1)) return PixelFormat::kYcc444;
  if (has_factors(0, 2, 1)) return PixelFormat::kYcc422;
  if (has_factors(0, 1, 2)) return PixelFormat::kYcc440;
  if (has_factors(0, 2, 2)) return PixelFormat::kYcc420;
  return std::nullopt;
}

// All components in their order, and all of their coefficients (T.81, B.2.3).
bool is_only_scan(const JpegMarkers& markers) {
  const JpegScanHeader& scan = markers.scan;
  for (std::size_t i = 0; i < scan.components.size(); ++i) {
    if (scan.components[i] != i) return false;
  }
  return scan.components.size() == markers.frame.components.size() && scan.first == 0 &&
         scan.last == kLastCoefficient && scan.high_bit == 0 && scan.low_bit == 0;
}

template <typename Tables>
const typename Tables::value_type* defined(const Tables& tables, int number) {
  const auto place = static_cast<std::size_t>(number);
  return place < tables.size() && tables[place].defined ? &tables[place] : nullptr;
}

bool take_tables(const JpegMarkers& markers, const JpegComponent& from, BaselineComponent& to) {
  const QuantizationTable* quantization = defined(markers.quantization, from.quantization);
  const HuffmanTable* dc = defined(markers.dc_tables, from.dc_table);
  const HuffmanTable* ac = defined(markers.ac_tables, from.ac_table);
  if (quantization == nullptr || dc == nullptr || ac == nullptr) return false;
  for (const std::uint16_t value : quantization->values) {
    if (value > kLargestQuantization) return false;
  }
  to.quantization = *quantization;
  to.dc = *dc;
  to.ac = *ac;
  return true;
}

bool read_to_scan(JpegInput& input, JpegMarkers& markers) {
  JpegStep step = markers.read_to_scan();
  while (step == JpegStep::kSuspended && input.add_piece()) step = markers.read_to_scan();
  return step == JpegStep::kDone && !markers.at_end_of_image() && !markers.warned;
}

}  // namespace

bool read_baseline_file(core::Bytes file, BaselineFile& read) {
  JpegInput input(file);
  JpegMarkers markers(input);
  if (!read_to_scan(input, markers)) return false;
  const JpegFrame& frame = markers.frame;
  if (frame.coding != JpegFrame::Coding::kSequential || frame.arithmetic) return false;
  if (frame.precision != kPrecision) return false;
  if (frame.width > kLargestSide || frame.height > kLargestSide) return false;
  const std::optional<PixelFormat> format = format_of(markers);
  if (!format || !is_only_scan(markers) || !is_given_as_planes(*format, frame.width)) return false;
  read.width = frame.width;
  read.height = frame.height;
  read.format = *format;
  read.components = static_cast<int>(frame.components.size());
  for (std::size_t i = 0; i < frame.components.size(); ++i) {
    // A component alone has one block in a unit, whatever its factors (T.81, A.2.2).
    const bool alone = frame.components.size() == 1;
    read.component[i].across = alone ? 1 : frame.components[i].across;
    read.component[i].down = alone ? 1 : frame.components[i].down;
    if (!take_tables(markers, frame.components[i], read.component[i])) return false;
  }
  read.restart_interval = markers.restart_interval;
  read.scan = file.from(input.at());
  return true;
}

}  // namespace pixtok::decode
