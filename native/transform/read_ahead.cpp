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

// Of mapped files, what one thread asks the system for at once, and the image that passes it.
constexpr std::size_t kAskedBytes = std::size_t{4} << 20;

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

decode::ReadFile ReadAhead::read_whole(const FileSample& file, const Pool& pool) {
  return decode::read_whole_file(file.path, file.range, kMostBytes, pool);
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

std::size_t ReadAhead::wanted_images() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return wanted(limits_.files);
}

std::size_t ReadAhead::bytes_ahead() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return bytes_ahead_;
}

std::size_t ReadAhead::wanted(std::size_t most) const {
  if (storage_time_ < std::max(core::kQuickStorage, kQuickShare * work_time_)) return 0;
  const double files = static_cast<double>(decoders_) * storage_time_ / std::max(work_time_, 1.0);
  return static_cast<std::size_t>(
      std::min(std::ceil(kSlack * files) + 1, static_cast<double>(most)));
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
  if (stopping_ || reading_ >= wanted()) return false;
  if (files_ahead_ + images_touched_ >= limits_.files) return false;
  const double bytes =
      static_cast<double>(bytes_ahead_) +
      static_cast<double>(reading_files_) * file_bytes_.value_or(static_cast<double>(kMostBytes));
  return bytes < static_cast<double>(limits_.bytes) && find_next();
}

// Precondition: may_read(). Somebody waits for it from now on. Images next to each other in mapped
// files are taken together.
ReadAhead::Next ReadAhead::take_next() {
  Next next{queue_.front(), queue_.front()->next_, queue_.front()->next_ + 1};
  std::vector<FilesAhead::File>& files = next.files->files_;
  files[next.item].state = State::kReading;
  if (!files[next.item].sample) {
    std::size_t bytes = files[next.item].mapped.size;
    const std::size_t most =
        std::min(asked_together_.count(), limits_.files - files_ahead_ - images_touched_);
    for (; next.end < files.size(); ++next.end) {
      FilesAhead::File& file = files[next.end];
      if (next.end - next.item >= most || bytes >= kAskedBytes) break;
      if (file.mapped.empty() || file.state != State::kUntouched) break;
      file.state = State::kReading;
      bytes += file.mapped.size;
    }
  }
  next.files->next_ = next.end;
  return next;
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
    const Next next = take_next();
    if (next.files->files_[next.item].sample) {
      read(next, lock);
    } else {
      touch(next, lock);
    }
  }
}

void ReadAhead::read(const Next& next, std::unique_lock<std::mutex>& lock) {
  FilesAhead::File& file = next.files->files_[next.item];
  reading_ += 1;
  reading_files_ += 1;
  files_ahead_ += 1;
  start_threads();
  lock.unlock();
  decode::ReadFile read;
  const core::StorageClock clock;
  try {
    read = read_(*file.sample, pool_);
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
  FilesAhead::File* const files = next.files->files_.data();
  reading_ += 1;
  images_touched_ += next.end - next.item;
  start_threads();
  lock.unlock();
  AskedTogether::Waits waits;
  std::optional<core::StorageClock> clock(std::in_place);
  // None is unmapped meanwhile: the batch is not done before these items.
  for (std::size_t item = next.item; item < next.end; ++item) {
    core::advise_will_need(files[item].mapped.data, files[item].mapped.size);
  }
  for (std::size_t item = next.item; item < next.end; ++item) {
    core::touch_pages(files[item].mapped);
    const std::int64_t waited = clock->nanoseconds();
    lock.lock();
    waits.add(waited);
    if (item == next.item) core::remember(storage_time_, static_cast<double>(waited));
    files[item].state = State::kRead;
    images_touched_ -= 1;
    has_read_.notify_all();
    if (item + 1 == next.end) break;
    lock.unlock();
    clock.emplace();
  }
  reading_ -= 1;
  if (next.end - next.item > 1) asked_together_.note(waits);
}

}  // namespace pixtok::transform
