#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/page_pool.h"
#include "core/platform.h"
#include "decode/file_reader.h"
#include "transform/asked_together.h"
#include "transform/sample.h"
#include "transform/stage_times.h"

namespace pixtok::transform {

class ReadAhead;

// The files among the samples of one batch, and images in mapped files. All functions may be called
// on any thread, until the ReadAhead that has made it is destroyed.
class FilesAhead {
 public:
  // This item's file, waiting for it where it is being read. Nothing where nobody has begun to, or
  // it could not be read: the caller is to read it. Precondition: called once for an item, or
  // skip() is.
  std::optional<decode::ReadFile> take(std::size_t item);

  // The same of an image in a mapped file: whether its pages have been touched, or the caller is to
  // do it, or nobody need. While storage answers quickly one image of kSampled tells whether it
  // still does.
  enum class Pages { kTouched, kToTouch, kLeft };
  Pages await_pages(std::size_t item);
  static constexpr std::size_t kSampled = 16;

  // Nobody needs this item. Waits while an image in a mapped file is being touched, as the file may
  // be unmapped when its batch is done.
  void skip(std::size_t item);

  // What an image took, in nanoseconds of a thread: storage, where the caller has read its file or
  // touched its pages, and all but reading.
  void note(std::optional<std::int64_t> storage, std::int64_t work);

 private:
  friend class ReadAhead;

  enum class State { kUntouched, kReading, kRead, kUnwanted, kTaken };
  struct File {
    std::optional<FileSample> sample;
    core::Bytes mapped;
    State state = State::kTaken;
    decode::ReadFile read;
  };

  FilesAhead(ReadAhead& owner, const std::vector<Sample>& samples);

  ReadAhead& owner_;
  std::vector<File> files_;  // by item; guarded by the owner's mutex
  std::size_t next_ = 0;     // items before it are not to be begun
};

// Reads files before a thread that decodes gets to them, on threads of its own, as many as it takes
// for the decoders not to wait: slow storage answers late, but answers many at once. Where files
// come quickly, as from a disk of this machine, it has no threads and reads nothing. Pages of
// mapped files are touched instead: they are then in the system's cache, and no memory of this
// process's.
class ReadAhead {
 public:
  using Pool = std::shared_ptr<core::PagePool>;
  // Nothing is read of size 0. May throw std::bad_alloc.
  using Read = std::function<decode::ReadFile(const FileSample&, const Pool&)>;

  // None more is begun where so much has been read, or is being read, that nobody has taken. What
  // is being read counts as of the size that files had of late. Images in mapped files count while
  // they are being touched. There are fewer threads where the process may have few files open.
  struct Limits {
    std::size_t threads = 64;
    std::size_t files = 256;
    std::size_t bytes = std::size_t{256} << 20;
  };

  // `decoders`: threads that take files.
  explicit ReadAhead(std::size_t decoders, Read read = read_whole);
  ReadAhead(std::size_t decoders, Read read, const Limits& limits);
  ~ReadAhead();  // waits for what is being read
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  // Files that are to be read after those of earlier calls. Null where no sample is a file, nor in
  // a mapped one. Throws std::bad_alloc.
  std::shared_ptr<FilesAhead> add(const std::vector<Sample>& samples);

  // Threads that read at once as files are now: 0 where they come quickly.
  std::size_t wanted_threads();

  // Images on their way from storage so that no decoder waits, as files are now, and no more than
  // the limits allow: 0 where they come quickly.
  std::size_t wanted_images();

  // In files that have been read and not been taken.
  std::size_t bytes_ahead();

  // A longer file is left to the decoder's thread, which knows how much of it an image can have.
  static constexpr std::size_t kMostBytes = std::size_t{8} << 20;
  static decode::ReadFile read_whole(const FileSample& file, const Pool& pool);

 private:
  friend class FilesAhead;
  using State = FilesAhead::State;
  // Items from `item` to before `end`: one file, or images in mapped files.
  struct Next {
    std::shared_ptr<FilesAhead> files;
    std::size_t item;
    std::size_t end;
  };

  // With the mutex held:
  std::size_t wanted(std::size_t most) const;
  std::size_t wanted() const { return wanted(most_threads_); }
  bool may_read();
  bool find_next();
  Next take_next();
  void start_threads();
  decode::ReadFile release(FilesAhead::File& file);

  void work();
  void read(const Next& next, std::unique_lock<std::mutex>& lock);
  void touch(const Next& next, std::unique_lock<std::mutex>& lock);

  const std::size_t decoders_;
  const Read read_;
  const Pool pool_ = std::make_shared<core::PagePool>();  // of what is read
  const Limits limits_;
  const std::size_t most_threads_;
  // Of all its threads, whichever of them, or of the decoders, starts one.
  const int niceness_ = core::nicer_than_this_thread();
  std::mutex mutex_;  // guards all that follows
  std::condition_variable to_read_;
  std::condition_variable has_read_;
  std::deque<std::shared_ptr<FilesAhead>> queue_;
  double storage_time_ = 0;  // of a file, in nanoseconds: of late
  double work_time_ = 0;     // on an image
  std::optional<double> file_bytes_;
  std::size_t reading_ = 0;         // or touching pages
  std::size_t reading_files_ = 0;   // of these
  std::size_t images_touched_ = 0;  // images in mapped files whose pages are being touched
  AskedTogether asked_together_;
  std::size_t files_ahead_ = 0;  // being read, or read
  std::size_t bytes_ahead_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace pixtok::transform
