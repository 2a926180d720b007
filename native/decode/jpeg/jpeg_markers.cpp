#include "decode/jpeg/jpeg_markers.h"

#include <algorithm>
#include <cstring>

namespace pixtok::decode {

namespace {

enum Marker {
  kTem = 0x01,
  kFirstFrame = 0xC0,
  kHuffmanTables = 0xC4,
  kArithmeticConditioning = 0xCC,
  kFirstRestart = 0xD0,
  kLastRestart = 0xD7,
  kStartOfImage = 0xD8,
  kEndOfImage = 0xD9,
  kStartOfScan = 0xDA,
  kQuantizationTables = 0xDB,
  kNumberOfLines = 0xDC,
  kRestartInterval = 0xDD,
  kFirstApplication = 0xE0,
  kAdobe = 0xEE,
  kLastApplication = 0xEF,
  kComment = 0xFE,
};

}  // namespace

void JpegMarkers::start_over() {
  started_ = has_frame_ = at_end_of_image_ = false;
  unread = 0;
  scans = 0;
}

JpegStep JpegMarkers::find_first() {
  JpegCursor cursor(input_);
  const int first = cursor.byte();
  const int second = cursor.byte();
  if (cursor.starved()) return JpegStep::kSuspended;
  if (first != 0xFF || second != kStartOfImage) return JpegStep::kBroken;
  unread = second;
  cursor.commit();
  return JpegStep::kDone;
}

JpegStep JpegMarkers::find_next() {
  JpegCursor cursor(input_);
  for (;;) {
    int byte = cursor.byte();
    while (byte != 0xFF && !cursor.starved()) {
      warned = true;
      cursor.commit();
      byte = cursor.byte();
    }
    while (byte == 0xFF && !cursor.starved()) byte = cursor.byte();
    if (cursor.starved()) return JpegStep::kSuspended;
    cursor.commit();
    if (byte == 0) {
      warned = true;
      continue;
    }
    unread = byte;
    return JpegStep::kDone;
  }
}

JpegStep JpegMarkers::read_to_scan() {
  for (;;) {
    if (unread == 0) {
      const JpegStep found = started_ ? find_next() : find_first();
      if (found != JpegStep::kDone) return found;
    }
    const JpegStep read = read_segment(unread);
    if (read != JpegStep::kDone) return read;
    const int marker = unread;
    unread = 0;
    at_end_of_image_ = marker == kEndOfImage;
    if (marker == kStartOfScan || marker == kEndOfImage) return JpegStep::kDone;
  }
}

JpegStep JpegMarkers::read_segment(int marker) {
  switch (marker) {
    case kStartOfImage:
      if (started_) return JpegStep::kBroken;
      started_ = true;
      restart_interval = 0;
      jfif = false;
      adobe_transform.reset();
      return JpegStep::kDone;
    case kFirstFrame:
    case kFirstFrame + 1:
      return read_frame(JpegFrame::Coding::kSequential);
    case kFirstFrame + 2:
      return read_frame(JpegFrame::Coding::kProgressive);
    case kFirstFrame + 3:
      return read_frame(JpegFrame::Coding::kLossless);
    case kFirstFrame + 9:
      return read_frame(JpegFrame::Coding::kSequential, true);
    case kFirstFrame + 10:
      return read_frame(JpegFrame::Coding::kProgressive, true);
    case kFirstFrame + 11:
      return read_frame(JpegFrame::Coding::kLossless, true);
    case kStartOfScan:
      return read_scan_header();
    case kHuffmanTables:
      return read_huffman_tables();
    case kQuantizationTables:
      return read_quantization_tables();
    case kArithmeticConditioning:
      return read_arithmetic_conditioning();
    case kRestartInterval:
      return read_restart_interval();
    case kFirstApplication:
    case kAdobe:
      return read_application(marker);
    case kEndOfImage:
    case kTem:
      return JpegStep::kDone;
    case kNumberOfLines:
    case kComment:
      return skip_segment();
    default:
      if (marker >= kFirstRestart && marker <= kLastRestart) return JpegStep::kDone;
      if (marker >= kFirstApplication && marker <= kLastApplication) return skip_segment();
      return JpegStep::kBroken;
  }
}

JpegStep JpegMarkers::read_frame(JpegFrame::Coding coding, bool arithmetic) {
  if (has_frame_) return JpegStep::kBroken;
  JpegCursor cursor(input_);
  const int length = cursor.word();
  JpegFrame read;
  read.coding = coding;
  read.arithmetic = arithmetic;
  read.precision = cursor.byte();
  read.height = cursor.word();
  read.width = cursor.word();
  read.components.resize(static_cast<std::size_t>(cursor.byte()));
  if (cursor.starved()) return JpegStep::kSuspended;
  const int components = static_cast<int>(read.components.size());
  if (read.height == 0 || read.width == 0 || components == 0 || length != 8 + 3 * components) {
    return JpegStep::kBroken;
  }
  for (JpegComponent& component : read.components) {
    component.id = cursor.byte();
    const int sampling = cursor.byte();
    component.across = sampling >> 4;
    component.down = sampling & 15;
    component.quantization = cursor.byte();
  }
  if (cursor.starved()) return JpegStep::kSuspended;
  frame = read;
  has_frame_ = true;
  cursor.commit();
  return JpegStep::kDone;
}

JpegStep JpegMarkers::read_scan_header() {
  constexpr std::size_t kMostComponents = 4;
  if (!has_frame_) return JpegStep::kBroken;
  JpegCursor cursor(input_);
  const int length = cursor.word();
  const int count = cursor.byte();
  if (cursor.starved()) return JpegStep::kSuspended;
  if (count < 1 || count > static_cast<int>(kMostComponents) || length != 2 * count + 6) {
    return JpegStep::kBroken;
  }
  JpegScanHeader read;
  for (int i = 0; i < count; ++i) {
    const int id = cursor.byte();
    const int tables = cursor.byte();
    if (cursor.starved()) return JpegStep::kSuspended;
    // libjpeg passes over a component whose number in the frame is one that this scan has already
    // given out.
    const std::size_t known = std::min(frame.components.size(), kMostComponents);
    std::size_t place = 0;
    while (place < known && (frame.components[place].id != id || place < read.components.size())) {
      ++place;
    }
    const auto& given = read.components;
    if (place == known || std::find(given.begin(), given.end(), place) != given.end()) {
      return JpegStep::kBroken;
    }
    frame.components[place].dc_table = tables >> 4;
    frame.components[place].ac_table = tables & 15;
    read.components.push_back(place);
  }
  read.first = cursor.byte();
  read.last = cursor.byte();
  const int bits = cursor.byte();
  if (cursor.starved()) return JpegStep::kSuspended;
  read.high_bit = bits >> 4;
  read.low_bit = bits & 15;
  scan = read;
  next_restart_ = 0;
  ++scans;
  cursor.commit();
  return JpegStep::kDone;
}

JpegStep JpegMarkers::read_huffman_tables() {
  constexpr int kCounts = 16;
  constexpr int kAc = 0x10;
  JpegCursor cursor(input_);
  int length = cursor.word() - 2;
  if (cursor.starved()) return JpegStep::kSuspended;
  while (length > kCounts) {
    int number = cursor.byte();
    HuffmanTable table;
    int symbols = 0;
    for (int i = 1; i <= kCounts; ++i) {
      const int count = cursor.byte();
      table.counts[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(count);
      symbols += count;
    }
    if (cursor.starved()) return JpegStep::kSuspended;
    length -= 1 + kCounts;
    if (symbols > static_cast<int>(table.symbols.size()) || symbols > length) {
      return JpegStep::kBroken;
    }
    for (int i = 0; i < symbols; ++i) {
      table.symbols[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(cursor.byte());
    }
    if (cursor.starved()) return JpegStep::kSuspended;
    length -= symbols;
    auto& tables = (number & kAc) != 0 ? ac_tables : dc_tables;
    number -= number & kAc;
    if (number >= static_cast<int>(kTables)) return JpegStep::kBroken;
    table.defined = true;
    tables[static_cast<std::size_t>(number)] = table;
  }
  if (length != 0) return JpegStep::kBroken;
  cursor.commit();
  return JpegStep::kDone;
}

JpegStep JpegMarkers::read_quantization_tables() {
  constexpr int kValues = 64;
  JpegCursor cursor(input_);
  int length = cursor.word() - 2;
  if (cursor.starved()) return JpegStep::kSuspended;
  while (length > 0) {
    const int head = cursor.byte();
    if (cursor.starved()) return JpegStep::kSuspended;
    const int number = head & 15;
    if (number >= static_cast<int>(kTables)) return JpegStep::kBroken;
    const bool wide = head >> 4 != 0;
    const int bytes = wide ? 2 * kValues : kValues;
    QuantizationTable& table = quantization[static_cast<std::size_t>(number)];
    table.defined = true;
    for (std::uint16_t& value : table.values) {
      value = static_cast<std::uint16_t>(wide ? cursor.word() : cursor.byte());
    }
    if (cursor.starved()) return JpegStep::kSuspended;
    length -= 1 + bytes;
  }
  if (length != 0) return JpegStep::kBroken;
  cursor.commit();
  return JpegStep::kDone;
}

JpegStep JpegMarkers::read_arithmetic_conditioning() {
  constexpr int kNumbers = 16;  // of DC, then as many of AC
  JpegCursor cursor(input_);
  int length = cursor.word() - 2;
  if (cursor.starved()) return JpegStep::kSuspended;
  for (; length > 0; length -= 2) {
    const int number = cursor.byte();
    const int value = cursor.byte();
    if (cursor.starved()) return JpegStep::kSuspended;
    if (number >= 2 * kNumbers) return JpegStep::kBroken;
    if (number < kNumbers && (value & 15) > value >> 4) return JpegStep::kBroken;
  }
  if (length != 0) return JpegStep::kBroken;
  cursor.commit();
  return JpegStep::kDone;
}

JpegStep JpegMarkers::read_restart_interval() {
  JpegCursor cursor(input_);
  const int length = cursor.word();
  if (cursor.starved()) return JpegStep::kSuspended;
  if (length != 4) return JpegStep::kBroken;
  const int interval = cursor.word();
  if (cursor.starved()) return JpegStep::kSuspended;
  restart_interval = interval;
  cursor.commit();
  return JpegStep::kDone;
}

// JFIF's and Adobe's segments tell colours apart; libjpeg looks at their first bytes, and passes
// over the rest as it does over other segments: once the length is readable.
JpegStep JpegMarkers::read_application(int marker) {
  constexpr std::size_t kInspected = 14;
  constexpr std::size_t kJfifMajorVersion = 5;
  constexpr std::size_t kAdobeBytes = 12;
  JpegCursor cursor(input_);
  const std::size_t length = static_cast<std::size_t>(std::max(cursor.word() - 2, 0));
  std::array<std::uint8_t, kInspected> start{};
  const std::size_t read = std::min(kInspected, length);
  for (std::size_t i = 0; i < read; ++i) start[i] = static_cast<std::uint8_t>(cursor.byte());
  if (cursor.starved()) return JpegStep::kSuspended;
  if (marker == kFirstApplication) {
    if (read == kInspected && std::memcmp(start.data(), "JFIF", 5) == 0) {
      jfif = true;
      if (start[kJfifMajorVersion] != 1) warned = true;
    }
  } else if (read >= kAdobeBytes && std::memcmp(start.data(), "Adobe", 5) == 0) {
    adobe_transform = start[kAdobeBytes - 1];
  }
  cursor.skip(length - read);
  cursor.commit();
  return JpegStep::kDone;
}

JpegStep JpegMarkers::skip_segment() {
  JpegCursor cursor(input_);
  const int length = std::max(cursor.word() - 2, 0);
  if (cursor.starved()) return JpegStep::kSuspended;
  cursor.skip(static_cast<std::size_t>(length));
  cursor.commit();
  return JpegStep::kDone;
}

JpegStep JpegMarkers::read_restart() {
  if (unread == 0) {
    const JpegStep found = find_next();
    if (found != JpegStep::kDone) return found;
  }
  const auto restart = [this](int ahead) { return kFirstRestart + ((next_restart_ + ahead) & 7); };
  if (unread == restart(0)) {
    unread = 0;
  } else {
    // An earlier restart, or no marker at all, is passed over; one that comes soon is left for
    // later, and so is every other marker; a restart far away is taken for the one expected.
    while (unread < kFirstFrame || unread == restart(-1) || unread == restart(-2)) {
      const JpegStep found = find_next();
      if (found != JpegStep::kDone) return found;
    }
    const bool is_restart = unread >= kFirstRestart && unread <= kLastRestart;
    if (is_restart && unread != restart(1) && unread != restart(2)) unread = 0;
  }
  next_restart_ = (next_restart_ + 1) & 7;
  return JpegStep::kDone;
}

}  // namespace pixtok::decode
