#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace pixtok::transform {

// What images took, in nanoseconds of their threads, and the bytes that they had.
struct StageTimes {
  std::int64_t queued = 0;  // until a thread began
  std::int64_t read = 0;
  std::int64_t decode = 0;
  std::int64_t resize = 0;  // and all else between decoding and normalizing
  std::int64_t normalize = 0;
  std::int64_t file_bytes = 0;   // that were read
  std::int64_t pixel_bytes = 0;  // that were decoded, as RGB

  StageTimes& operator+=(const StageTimes& other) {
    queued += other.queued;
    read += other.read;
    decode += other.decode;
    resize += other.resize;
    normalize += other.normalize;
    file_bytes += other.file_bytes;
    pixel_bytes += other.pixel_bytes;
    return *this;
  }
};

inline std::int64_t steady_nanoseconds() {
  using std::chrono::duration_cast;
  using std::chrono::nanoseconds;
  return duration_cast<nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Gives all time from its start to its stop to one stage after the other.
class StageClock {
 public:
  using Stage = std::int64_t StageTimes::*;

  // `times` must outlive the work that is timed.
  void start(StageTimes& times, Stage first) {
    times_ = &times;
    stage_ = first;
    since_ = steady_nanoseconds();
  }

  void enter(Stage next) {
    lap();
    stage_ = next;
  }

  // Of the time since the stage was entered, so much was another's.
  void give(Stage other, std::int64_t nanoseconds) {
    const std::int64_t given = std::min(nanoseconds, lap());
    times_->*stage_ -= given;
    times_->*other += given;
  }

  void stop() { lap(); }

  StageTimes& times() { return *times_; }

 private:
  std::int64_t lap() {
    const std::int64_t now = steady_nanoseconds();
    const std::int64_t passed = now - since_;
    times_->*stage_ += passed;
    since_ = now;
    return passed;
  }

  StageTimes* times_ = nullptr;
  Stage stage_ = &StageTimes::read;
  std::int64_t since_ = 0;
};

// What work on the rows of an image takes in all, from a few of them: a clock that is read for
// every row would take longer than many rows.
class RowTimer {
 public:
  void reset() { nanoseconds_ = first_ = rows_ = timed_ = 0; }

  // `rows` that are worked on at once.
  template <typename Work>
  void time(int rows, const Work& work) {
    const bool is_first = rows_ == 0;
    const bool is_timed = rows > 1 || rows_ % kEvery == kPlace;
    rows_ += rows;
    if (!is_first && !is_timed) return work();
    const std::int64_t start = steady_nanoseconds();
    work();
    const std::int64_t passed = steady_nanoseconds() - start;
    if (is_first) first_ = passed;
    if (!is_timed) return;
    nanoseconds_ += passed;
    timed_ += rows;
  }

  std::int64_t nanoseconds() const {
    return timed_ == 0 ? first_ * rows_ : nanoseconds_ * rows_ / timed_;
  }

 private:
  static constexpr std::int64_t kEvery = 32;
  // Which one of so many. The very first row finds caches cold: it counts where there is no other.
  static constexpr std::int64_t kPlace = 8;

  std::int64_t nanoseconds_ = 0;
  std::int64_t first_ = 0;
  std::int64_t rows_ = 0;
  std::int64_t timed_ = 0;
};

}  // namespace pixtok::transform
