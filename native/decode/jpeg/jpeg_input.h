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
  explicit JpegInput(core::Bytes file) : file_(file) {}

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
  std::size_t available() const { return end_ - std::min(at_, end_); }

  // Perhaps past what is readable.
  void go_to(std::size_t at) { at_ = at; }

 private:
  core::Bytes file_;
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
  void skip(std::size_t bytes) { at_ += bytes; }
  void commit() { input_.go_to(at_); }

 private:
  JpegInput& input_;
  std::size_t at_;
  bool starved_ = false;
};

}  // namespace pixtok::decode
