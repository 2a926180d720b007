#include "transform/read_ahead.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <system_error>
#include <utility>

#include "core/mapped_file.h"
#include "core/platform.h"
#include "core/storage_clock.h"

namespace pixtok::transform {

namespace {

// Storage that takes less than this share of all else is waited for by those who decode.
constexpr double kQuickShare = 0.1;

// What the system is asked for ahead of pages that are touched.
constexpr std::size_t kAskedBytes = std::size_t{32} << 20;

// More than the mean needs: some answers come later than others.
constexpr double kSlack = 1.5;

}  // namespace

FilesAhead::FilesAhead(ReadAhead& owner, const std::vector<Sample>& samples)
    : owner_(owner), files_(samples.size()) {
  for (std::size_t item = 0; item < samples.size(); ++item) {
    File& file = files_[item];
    if (const auto* sample = std::get_if<FileSample>(&samples[item].image)) file.sample = *sample;
    file.mapped = samples[item].mapped;
    if (file.sample || !file.mapped.empty()) file.state = State::kUntouched;
  }
}

std::vector<core::Bytes> FilesAhead::next_mapped(std::size_t item) {
  std::vector<core::Bytes> next;
  std::size_t bytes = 0;
  for (; item < files_.size() && bytes < kAskedBytes; ++item) {
    const File& file = files_[item];
    bytes += file.mapped.size;
    if (item < asked_for_ || file.state == State::kTaken) continue;
    if (!file.mapped.empty()) next.push_back(file.mapped);
    asked_for_ = item + 1;
  }
  return next;
}

std::optional<decode::ReadFile> FilesAhead::take(std::size_t item) {
  std::unique_lock<std::mutex> lock(owner_.mutex_);
  File& file = files_[item];
  owner_.has_read_.wait(lock, [&] { return file.state != State::kReading; });
  if (file.state != State::kRead) {
    file.state = State::kTaken;
    return std::nullopt;
  }
  return owner_.release(file);
}

FilesAhead::Pages FilesAhead::await_pages(std::size_t item) {
  std::unique_lock<std::mutex> lock(owner_.mutex_);
  File& file = files_[item];
  owner_.has_read_.wait(lock, [&] { return file.state != State::kReading; });
  if (std::exchange(file.state, State::kTaken) == State::kRead) return Pages::kTouched;
  return owner_.wanted() == 0 && item % kSampled != 0 ? Pages::kLeft : Pages::kToTouch;
}

void FilesAhead::skip(std::size_t item) {
  if (!files_[item].mapped.empty()) {
    await_pages(item);
    return;
  }
  const std::lock_guard<std::mutex> lock(owner_.mutex_);
  File& file = files_[item];
  if (file.state == State::kReading) {
    file.state = State::kUnwanted;
  } else if (file.state == State::kRead) {
    owner_.release(file);
  } else {
    file.state = State::kTaken;
  }
}

void FilesAhead::note(std::optional<std::int64_t> storage, std::int64_t work) {
  const std::lock_guard<std::mutex> lock(owner_.mutex_);
  if (storage) core::remember(owner_.storage_time_, static_cast<double>(*storage));
  if (owner_.work_time_ == 0) owner_.work_time_ = static_cast<double>(work);
  core::remember(owner_.work_time_, static_cast<double>(work));
  owner_.start_threads();
}

decode::ReadFile ReadAhead::read_whole(const FileSample& file) {
  return decode::read_whole_file(file.path, file.range, kMostBytes);
}

ReadAhead::ReadAhead(std::size_t decoders, Read read)
    : ReadAhead(decoders, std::move(read), Limits{}) {}

ReadAhead::ReadAhead(std::size_t decoders, Read read, const Limits& limits)
    : decoders_(decoders),
      read_(std::move(read)),
      limits_(limits),
      most_threads_(std::min(limits.threads, core::most_threads_with_files())) {}

ReadAhead::~ReadAhead() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  to_read_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::shared_ptr<FilesAhead> ReadAhead::add(const std::vector<Sample>& samples) {
  const bool has_files = std::any_of(samples.begin(), samples.end(), [](const Sample& sample) {
    return std::holds_alternative<FileSample>(sample.image) || !sample.mapped.empty();
  });
  if (!has_files) return nullptr;
  const std::shared_ptr<FilesAhead> files(new FilesAhead(*this, samples));
  const std::lock_guard<std::mutex> lock(mutex_);
  find_next();  // batches that are done leave the queue, though nothing is read ahead
  queue_.push_back(files);
  start_threads();
  return files;
}

std::size_t ReadAhead::wanted_threads() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return wanted();
}

std::size_t ReadAhead::bytes_ahead() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return bytes_ahead_;
}

std::size_t ReadAhead::wanted() const {
  if (storage_time_ < std::max(core::kQuickStorage, kQuickShare * work_time_)) return 0;
  const double files = static_cast<double>(decoders_) * storage_time_ / std::max(work_time_, 1.0);
  return static_cast<std::size_t>(
      std::min(std::ceil(kSlack * files) + 1, static_cast<double>(most_threads_)));
}

// Whether the first batch in the queue has a file that nobody has begun to read; those that have
// none leave it.
bool ReadAhead::find_next() {
  for (; !queue_.empty(); queue_.pop_front()) {
    FilesAhead& first = *queue_.front();
    while (first.next_ < first.files_.size()) {
      if (first.files_[first.next_].state == State::kUntouched) return true;
      ++first.next_;
    }
  }
  return false;
}

bool ReadAhead::may_read() {
  if (stopping_ || reading_ >= wanted() || files_ahead_ >= limits_.files) return false;
  const double bytes =
      static_cast<double>(bytes_ahead_) +
      static_cast<double>(reading_files_) * file_bytes_.value_or(static_cast<double>(kMostBytes));
  return bytes < static_cast<double>(limits_.bytes) && find_next();
}

// Wakes a thread where there is something to read, and has a new one where all are at work. Without
// a new thread there are fewer.
void ReadAhead::start_threads() {
  if (!may_read()) return;
  if (reading_ < threads_.size()) {
    to_read_.notify_one();
    return;
  }
  try {
    threads_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {
  } catch (const std::bad_alloc&) {
  }
}

// What has been read is taken, or is not wanted.
decode::ReadFile ReadAhead::release(FilesAhead::File& file) {
  file.state = State::kTaken;
  bytes_ahead_ -= file.read.size;
  files_ahead_ -= 1;
  start_threads();
  return std::exchange(file.read, {});
}

void ReadAhead::work() {
  core::set_niceness(niceness_);
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_) {
    if (!may_read()) {
      to_read_.wait(lock);
      continue;
    }
    const std::shared_ptr<FilesAhead> files = queue_.front();
    const Next next{files, files->next_++};
    if (files->files_[next.item].sample) {
      read(next, lock);
    } else {
      touch(next, lock);
    }
  }
}

void ReadAhead::read(const Next& next, std::unique_lock<std::mutex>& lock) {
  FilesAhead::File& file = next.files->files_[next.item];
  file.state = State::kReading;
  reading_ += 1;
  reading_files_ += 1;
  files_ahead_ += 1;
  start_threads();
  lock.unlock();
  decode::ReadFile read;
  const core::StorageClock clock;
  try {
    read = read_(*file.sample);
  } catch (const std::bad_alloc&) {
    // the decoder has memory of its own for it, or says that there is none
  }
  const std::int64_t waited = clock.nanoseconds();
  lock.lock();
  reading_ -= 1;
  reading_files_ -= 1;
  const bool unwanted = file.state == State::kUnwanted;
  file.read = std::move(read);
  file.state = State::kRead;
  bytes_ahead_ += file.read.size;
  if (file.read.size > 0) {
    core::remember(storage_time_, static_cast<double>(waited));
    const auto size = static_cast<double>(file.read.size);
    if (!file_bytes_) file_bytes_ = size;
    core::remember(*file_bytes_, size);
  }
  // What could not be read is the decoder's to try: it says what is wrong.
  if (unwanted || file.read.size == 0) release(file);
  has_read_.notify_all();
}

void ReadAhead::touch(const Next& next, std::unique_lock<std::mutex>& lock) {
  FilesAhead::File& file = next.files->files_[next.item];
  file.state = State::kReading;
  reading_ += 1;
  std::vector<core::Bytes> asked_for;
  try {
    asked_for = next.files->next_mapped(next.item);
  } catch (const std::bad_alloc&) {
    // the pages are read as they are touched
  }
  start_threads();
  lock.unlock();
  const core::StorageClock clock;
  // All at once, as one thread can ask for many. None is unmapped meanwhile: the batch is not done
  // before this item.
  for (const core::Bytes& bytes : asked_for) core::advise_will_need(bytes.data, bytes.size);
  core::touch_pages(file.mapped);
  const std::int64_t waited = clock.nanoseconds();
  lock.lock();
  reading_ -= 1;
  file.state = State::kRead;
  core::remember(storage_time_, static_cast<double>(waited));
  has_read_.notify_all();
}

}  // namespace pixtok::transform
