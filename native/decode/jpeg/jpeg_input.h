#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "core/bytes.h"

namespace pixtok::decode {

// A file as Pillow hands it to libjpeg: piece by piece, what could not be used of one in front of
// the next. What libjpeg makes of a damaged file depends on it.
class JpegInput {
 public:
  explicit JpegInput(core::Bytes file) : file_(file), data_end_(file.size) {}

  // All at once, as libtiff does: markers that end an image come behind the data. `data_end` is
  // where they begin, kEndMarkers of them.
  static JpegInput ended(core::Bytes data_and_markers, std::size_t data_end) {
    JpegInput input(data_and_markers);
    input.end_ = data_and_markers.size;
    input.data_end_ = data_end;
    return input;
  }
  // More than libjpeg reads as the rest of two segments.
  static constexpr std::size_t kEndMarkers = 2048;

  // Makes the next piece readable. False at the end of the file.
  bool add_piece() {
    constexpr std::size_t kPiece = 65536;
    if (end_ == file_.size) return false;
    end_ += std::min(kPiece, file_.size - end_);
    return true;
  }

  const std::uint8_t* data() const { return file_.data; }
  std::size_t at() const { return at_; }
  std::size_t end() const { return end_; }  // of what is readable
  // Of the data, without the markers behind it.
  std::size_t available() const {
    const std::size_t end = std::min(end_, data_end_);
    return end - std::min(at_, end);
  }

  // Perhaps past what is readable.
  void go_to(std::size_t at) { at_ = at; }

  // Where `bytes` from `at` lead: past what is readable where more of the file may follow, else no
  // farther than the first marker behind the data.
  std::size_t skipped(std::size_t at, std::size_t bytes) const {
    const bool is_ended = data_end_ < file_.size;
    return is_ended ? std::min(at + bytes, std::max(at, data_end_)) : at + bytes;
  }

 private:
  core::Bytes file_;
  std::size_t data_end_;  // the markers behind the data, or the end of the file
  std::size_t at_ = 0;
  std::size_t end_ = 0;
};

// Reads on from where the input is, and moves it only when commit() is called.
class JpegCursor {
 public:
  explicit JpegCursor(JpegInput& input) : input_(input), at_(input.at()) {}

  // 0 where nothing is readable: see starved().
  int byte() {
    if (at_ < input_.end()) return input_.data()[at_++];
    starved_ = true;
    return 0;
  }

  int word() {
    const int high = byte();
    return high << 8 | byte();
  }

  bool starved() const { return starved_; }
  void skip(std::size_t bytes) { at_ = input_.skipped(at_, bytes); }
  void commit() { input_.go_to(at_); }

 private:
  JpegInput& input_;
  std::size_t at_;
  bool starved_ = false;
};

}  // namespace pixtok::decode
