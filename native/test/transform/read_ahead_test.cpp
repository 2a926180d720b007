#include "transform/read_ahead.h"

#if defined(__linux__)
#include <sys/resource.h>
#endif

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <future>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "core/aligned_buffer.h"
#include "core/page_pool.h"
#include "kernels/kernel_table.h"
#include "test/check.h"
#include "test/temporary_folder.h"
#include "transform/batch_job.h"

namespace {

using namespace pixtok;
using decode::ReadFile;
using transform::FilesAhead;
using transform::FileSample;
using transform::ReadAhead;
using transform::Sample;

constexpr std::int64_t kMillisecond = 1'000'000;

std::vector<Sample> files(std::size_t count) {
  std::vector<Sample> samples(count);
  for (std::size_t i = 0; i < count; ++i) samples[i].image = FileSample{std::to_string(i), {}};
  return samples;
}

// `size` bytes that tell files apart.
ReadFile bytes_of(const FileSample& file, std::size_t size) {
  const auto pool = std::make_shared<core::PagePool>();
  ReadFile read{core::PooledPages(pool, size + core::kTailPadding), size};
  std::memset(read.bytes.data(), std::stoi(file.path), size);
  return read;
}

// Storage that takes 20 ms, where an image takes one.
void be_slow(FilesAhead& files) {
  for (int i = 0; i < 50; ++i) files.note(20 * kMillisecond, kMillisecond);
}

// Counts to a number that is waited for.
class Count {
 public:
  void add() {
    const std::lock_guard<std::mutex> lock(mutex_);
    count_ += 1;
    changed_.notify_all();
  }
  void wait_for(int count) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return count_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

TEST("files that come quickly are left to those who decode") {
  ReadAhead ahead(4, [](const FileSample& file, const auto&) {
    CHECK(false);
    return bytes_of(file, 1);
  });
  const auto batch = ahead.add(files(20));
  for (std::size_t i = 0; i < 20; ++i) {
    CHECK(!batch->take(i));
    batch->note(i % 2 == 0 ? 0 : kMillisecond / 10, kMillisecond);
  }
  CHECK(ahead.wanted_threads() == 0);
}

TEST("slow storage is read by as many threads as decoders need, and 64 at the most") {
  ReadAhead ahead(2, [](const FileSample& file, const auto&) { return bytes_of(file, 1); });
  const auto batch = ahead.add(files(1));
  be_slow(*batch);
  // 2 files in a millisecond, each after 20: 40 at once, and half as many again
  CHECK(ahead.wanted_threads() >= 40 && ahead.wanted_threads() <= 64);
  CHECK(ahead.wanted_images() == ahead.wanted_threads());
  for (int i = 0; i < 100; ++i) batch->note(200 * kMillisecond, kMillisecond);
  CHECK(ahead.wanted_threads() == 64);
  CHECK(ahead.wanted_images() == 256);
  for (int i = 0; i < 100; ++i) batch->note(4 * kMillisecond, 8 * kMillisecond);
  CHECK(ahead.wanted_threads() >= 1 && ahead.wanted_threads() <= 4);
  for (int i = 0; i < 100; ++i) batch->note(kMillisecond, 20 * kMillisecond);
  CHECK(ahead.wanted_threads() == 0);
  CHECK(ahead.wanted_images() == 0);
  batch->skip(0);
}

// Of an image's storage an eighth counts, as before there was none; its work counts whole.
TEST("storage is slow from 0.3 ms on, and from a tenth of the work on an image") {
  const auto threads_after = [](std::int64_t storage, std::int64_t work) {
    ReadAhead ahead(2, [](const FileSample& file, const auto&) { return bytes_of(file, 1); });
    const auto batch = ahead.add(files(1));
    batch->skip(0);
    batch->note(8 * storage, work);
    return ahead.wanted_threads();
  };
  // half as many as are needed more, and one
  CHECK(threads_after(10 * kMillisecond, 10 * kMillisecond) == 4);
  CHECK(threads_after(2 * kMillisecond, 20 * kMillisecond) == 2);
  CHECK(threads_after(2 * kMillisecond - 1, 20 * kMillisecond) == 0);
  CHECK(threads_after(300'000, kMillisecond) == 2);
  CHECK(threads_after(299'999, kMillisecond) == 0);
}

#if defined(__linux__)
TEST("threads that read ahead are equally nice, whichever of them starts another") {
  constexpr int kThreads = 3;
  const int before = ::getpriority(PRIO_PROCESS, 0);
  Count reading;
  std::atomic<int> nicest = -20;
  ReadAhead ahead(2, [&](const FileSample& file, const auto&) {
    const int niceness = ::getpriority(PRIO_PROCESS, 0);
    for (int most = nicest; most < niceness && !nicest.compare_exchange_weak(most, niceness);) {
    }
    reading.add();
    reading.wait_for(kThreads);  // each starts the next one
    return bytes_of(file, 1);
  });
  const auto batch = ahead.add(files(kThreads));
  be_slow(*batch);
  reading.wait_for(kThreads);
  for (int i = 0; i < kThreads; ++i) CHECK(batch->take(static_cast<std::size_t>(i)).has_value());
  CHECK(nicest == std::min(19, before + 3));
}
#endif

TEST("what is read ahead is each item's own file") {
  Count read;
  ReadAhead ahead(2, [&](const FileSample& file, const auto&) {
    ReadFile bytes = bytes_of(file, 10);
    read.add();
    return bytes;
  });
  auto samples = files(30);
  samples[7].image = transform::EncodedSample{nullptr, 0, nullptr};
  const auto batch = ahead.add(samples);
  be_slow(*batch);
  read.wait_for(29);
  for (std::size_t i = 0; i < 30; ++i) {
    const std::optional<ReadFile> taken = batch->take(i);
    CHECK(taken.has_value() == (i != 7));
    if (!taken) continue;
    CHECK(taken->size == 10 && taken->bytes.data()[0] == i && taken->bytes.data()[9] == i);
  }
  CHECK(ahead.bytes_ahead() == 0);
}

TEST("batches are read in their order, and one without files is none") {
  std::mutex mutex;
  std::vector<std::string> order;
  Count read;
  ReadAhead ahead(1,
                  [&](const FileSample& file, const auto&) {
                    const std::lock_guard<std::mutex> lock(mutex);
                    order.push_back(file.path);
                    read.add();
                    return bytes_of(file, 1);
                  },
                  {1, 100, 1000});
  CHECK(ahead.add({}) == nullptr);
  std::vector<std::shared_ptr<FilesAhead>> batches;
  for (int i = 0; i < 3; ++i) batches.push_back(ahead.add(files(3)));
  be_slow(*batches[0]);
  read.wait_for(9);
  CHECK((order == std::vector<std::string>{"0", "1", "2", "0", "1", "2", "0", "1", "2"}));
  for (const auto& batch : batches) {
    for (std::size_t i = 0; i < 3; ++i) batch->skip(i);
  }
}

TEST("a batch whose files are all taken is let go of, though nothing is read ahead") {
  ReadAhead ahead(1, [](const FileSample& file, const auto&) { return bytes_of(file, 1); });
  std::shared_ptr<FilesAhead> batch = ahead.add(files(3));
  for (std::size_t i = 0; i < 3; ++i) CHECK(!batch->take(i));
  const std::weak_ptr<FilesAhead> done = batch;
  batch.reset();
  const std::shared_ptr<FilesAhead> next = ahead.add(files(1));
  CHECK(done.expired());
  next->skip(0);
}

TEST("no more is read ahead than the limits") {
  constexpr int kFiles = 200;
  for (const bool by_bytes : {false, true}) {
    ReadAhead::Limits limits;
    limits.threads = 3;
    if (by_bytes) {
      limits.bytes = 100;  // of 40 bytes each: a fourth is begun where two are there
    } else {
      limits.files = 5;
    }
    std::atomic<int> at_once{0};
    std::atomic<int> begun{0};
    std::atomic<int> taken{0};
    const int most = by_bytes ? 2 + 3 : 5;
    ReadAhead ahead(
        2,
        [&](const FileSample& file, const auto&) {
          CHECK(at_once.fetch_add(1) < 3);
          CHECK(begun.fetch_add(1) + 1 - taken.load() <= most);
          ReadFile read = bytes_of(file, 40);
          at_once.fetch_sub(1);
          return read;
        },
        limits);
    const auto batch = ahead.add(files(kFiles));
    be_slow(*batch);
    for (std::size_t i = 0; i < kFiles; ++i) {
      taken.fetch_add(1);  // before: a thread may go on at once
      batch->take(i);
    }
    CHECK(ahead.bytes_ahead() == 0);
  }
}

TEST("a file that is being read is waited for, and read once") {
  std::promise<void> begun;
  std::promise<void> may_end;
  std::atomic<int> reads{0};
  ReadAhead ahead(1,
                  [&](const FileSample& file, const auto&) {
                    reads.fetch_add(1);
                    begun.set_value();
                    may_end.get_future().wait();
                    return bytes_of(file, 3);
                  },
                  {1, 10, 1000});
  const auto batch = ahead.add(files(1));
  be_slow(*batch);
  begun.get_future().wait();
  auto taken = std::async(std::launch::async, [&] { return batch->take(0); });
  may_end.set_value();
  const std::optional<ReadFile> read = taken.get();
  CHECK(read && read->size == 3);
  CHECK(reads.load() == 1);
}

TEST("what nobody wants is let go of, also while it is being read") {
  std::promise<void> begun;
  std::promise<void> may_end;
  std::promise<std::size_t> left;
  ReadAhead* owner = nullptr;
  ReadAhead ahead(1,
                  [&](const FileSample& file, const auto&) {
                    if (file.path == "0") {
                      begun.set_value();
                      may_end.get_future().wait();
                    } else {
                      left.set_value(owner->bytes_ahead());
                    }
                    return bytes_of(file, 3);
                  },
                  {1, 10, 1000});
  owner = &ahead;
  const auto batch = ahead.add(files(2));
  be_slow(*batch);
  begun.get_future().wait();
  batch->skip(0);
  may_end.set_value();
  CHECK(left.get_future().get() == 0);  // the thread is done with the first
  batch->skip(1);
}

TEST("what cannot be read ahead is left to the decoder") {
  Count read;
  ReadAhead ahead(2, [&](const FileSample& file, const auto&) {
    read.add();
    if (file.path == "1") throw std::bad_alloc();
    return file.path == "2" ? ReadFile{} : bytes_of(file, 3);
  });
  const auto batch = ahead.add(files(4));
  be_slow(*batch);
  read.wait_for(4);
  CHECK(batch->take(0));
  CHECK(!batch->take(1));
  CHECK(!batch->take(2));
  CHECK(batch->take(3));
  CHECK(ahead.bytes_ahead() == 0);
}

TEST("a file is read whole, unless it is too long, or long and of no format that is known here") {
  const test::TemporaryFolder folder;
  const std::string path = (folder.path() / "file").u8string();
  constexpr std::size_t kMost = 1 << 20;
  const auto pool = std::make_shared<core::PagePool>();
  const auto size_of = [&](const std::string& bytes) {
    test::write(folder.path() / "file", bytes);
    const ReadFile whole = decode::read_whole_file(path, {}, kMost, pool);
    if (whole.size == 0) return whole.size;
    CHECK(whole.size == bytes.size());
    CHECK(std::memcmp(whole.bytes.data(), bytes.data(), whole.size) == 0);
    return whole.size;
  };
  constexpr std::size_t kFirst = decode::kFirstBytes;
  const std::string jpeg = "\xFF\xD8\xFF";
  CHECK(size_of("") == 0);
  CHECK(size_of("a") == 1);
  CHECK(size_of(std::string(kFirst, 'x')) == kFirst);
  CHECK(size_of(std::string(kFirst + 1, 'x')) == 0);
  CHECK(size_of(jpeg + std::string(kFirst, 'x')) == kFirst + 3);
  CHECK(size_of(jpeg + std::string(kMost - 2, 'x')) == 0);
  CHECK(size_of(jpeg + std::string(kMost - 3, 'y')) == kMost);

  const ReadFile part = decode::read_whole_file(path, {2, 3}, kMost, pool);
  CHECK(part.size == 3 && std::memcmp(part.bytes.data(), "\xFFyy", 3) == 0);
  CHECK(decode::read_whole_file(path, {kMost - 1, 2}, kMost, pool).size == 0);
  CHECK(decode::read_whole_file(path, {kMost, std::nullopt}, kMost, pool).size == 0);
  CHECK(decode::read_whole_file(path + "none", {}, kMost, pool).size == 0);
}

TEST("memory of a file is used for the next one, and is the system's when nobody has any more") {
  Count read;
  std::vector<const std::uint8_t*> blocks;
  ReadAhead::Pool all;
  ReadAhead ahead(2, [&](const FileSample&, const ReadAhead::Pool& pool) {
    ReadFile file{core::PooledPages(pool, 100'000), 100'000};
    blocks.push_back(file.bytes.data());
    all = pool;
    read.add();
    return file;
  });
  const auto next = [&](int number) {
    const std::shared_ptr<FilesAhead> batch = ahead.add(files(1));
    be_slow(*batch);
    read.wait_for(number);
    return batch->take(0);
  };
  std::optional<ReadFile> kept = next(1);
  for (int number = 2; number < 10; ++number) CHECK(next(number));
  CHECK(blocks[0] == kept->bytes.data() && blocks[1] != blocks[0]);
  for (int number = 2; number < 10; ++number) CHECK(blocks[number - 1] == blocks[1]);
  CHECK(all->idle_bytes() > 0);
  kept.reset();
  CHECK(all->idle_bytes() == 0);
}

// Images in mapped files, of so many bytes each.
std::vector<Sample> mapped(const std::vector<std::uint8_t>& file, std::size_t count) {
  std::vector<Sample> samples(count);
  const std::size_t size = file.size() / count;
  for (std::size_t i = 0; i < count; ++i) {
    samples[i].image = transform::EncodedSample{file.data() + i * size, size, nullptr};
    samples[i].mapped = {file.data() + i * size, size};
  }
  return samples;
}

TEST("pages of mapped files are touched before they are asked for, and are no memory") {
  const std::vector<std::uint8_t> file(100'000, 1);
  ReadAhead ahead(2, [](const FileSample& sample, const auto&) { return bytes_of(sample, 1); },
                  {1, 100, 100});
  const auto batch = ahead.add(mapped(file, 40));
  for (std::size_t i = 0; i < 40; ++i) {
    const bool is_sample = i % FilesAhead::kSampled == 0;
    CHECK(batch->await_pages(i) ==
          (is_sample ? FilesAhead::Pages::kToTouch : FilesAhead::Pages::kLeft));
  }
  be_slow(*batch);
  // storage is not slow, which is found out by touching: it takes some turns
  std::size_t touched = 0;
  for (int turn = 0; turn < 1000 && touched == 0; ++turn) {
    const auto next = ahead.add(mapped(file, 20));
    be_slow(*next);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    for (std::size_t i = 0; i < 20; ++i) {
      touched += next->await_pages(i) == FilesAhead::Pages::kTouched ? 1 : 0;
      CHECK(next->await_pages(i) != FilesAhead::Pages::kTouched);  // it has been asked for
    }
    CHECK(ahead.bytes_ahead() == 0);
  }
  CHECK(touched > 0);
}

TEST("an image in a mapped file that nobody needs is not touched afterwards") {
  const std::vector<std::uint8_t> file(100'000, 1);
  ReadAhead ahead(2, [](const FileSample& sample, const auto&) { return bytes_of(sample, 1); });
  const auto batch = ahead.add(mapped(file, 100));
  be_slow(*batch);
  for (std::size_t i = 0; i < 100; ++i) batch->skip(i);
  for (std::size_t i = 0; i < 100; ++i) {
    CHECK(batch->await_pages(i) != FilesAhead::Pages::kTouched);
  }
}

const std::string kBefore = "before";

// A PPM file of one colour, after some bytes that are not its own.
std::string ppm(int colour, int side) {
  const std::string size = std::to_string(side);
  return kBefore + "P6 " + size + " " + size + " 255\n" +
         std::string(static_cast<std::size_t>(3 * side * side), static_cast<char>(colour));
}

TEST("images of files that were read ahead are those of files that were not") {
  const test::TemporaryFolder folder;
  auto plan = std::make_shared<transform::Plan>();
  plan->geometry.width = plan->geometry.output_width = 8;
  plan->geometry.height = plan->geometry.output_height = 8;
  plan->type = kernels::ElementType::kUint8;
  plan->layout = kernels::Layout::kHwc;
  std::vector<FileSample> samples;
  const auto written = [&](const std::string& name, const std::string& bytes) {
    test::write(folder.path() / name, bytes);
    return (folder.path() / name).u8string();
  };
  for (int i = 0; i < 12; ++i) {
    const std::string file = ppm(20 * i, 8 + i);
    const std::uint64_t size = file.size() - kBefore.size();
    samples.push_back({written("image" + std::to_string(i), file),
                       {kBefore.size(), i % 2 == 0 ? std::optional(size) : std::nullopt}});
  }
  samples.push_back({(folder.path() / "none").u8string(), {}});
  samples.push_back({written("empty", ""), {}});
  samples.push_back({written("short", "P6 8 8 255\nshort"), {}});
  samples.push_back({written("text", "this is no image at all, whatever one may think"), {}});
  samples.push_back({samples[0].path, {kBefore.size(), 100000}});

  const auto prepared = [&](bool reads_ahead) {
    std::vector<std::unique_ptr<transform::ImageWorker>> workers;
    for (int i = 0; i < 2; ++i) {
      workers.push_back(std::make_unique<transform::ImageWorker>(
          *kernels::supported_tables().back(), std::nullopt));
    }
    Count read;
    ReadAhead ahead(2, [&](const FileSample& file, const auto&) {
      ReadFile bytes = ReadAhead::read_whole(file, std::make_shared<core::PagePool>());
      read.add();
      return bytes;
    });
    core::ThreadPool pool(2);
    std::vector<Sample> all(samples.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i].image = samples[i];
    std::shared_ptr<FilesAhead> files;
    if (reads_ahead) {
      files = ahead.add(all);
      be_slow(*files);
      read.wait_for(static_cast<int>(all.size()));
    }
    std::vector<std::uint8_t> target(all.size() * plan->slot_bytes());
    std::promise<void> finished;
    const auto job =
        std::make_shared<transform::BatchJob>(plan, std::move(all), target.data(), workers,
                                              [&](transform::BatchJob&) { finished.set_value(); });
    job->take_from(files);
    pool.submit(job);
    finished.get_future().wait();
    CHECK(ahead.bytes_ahead() == 0);
    std::vector<std::string> said;
    for (const core::Status& status : job->statuses()) {
      said.push_back(std::to_string(static_cast<int>(status.code)) + status.message);
    }
    CHECK(job->times().file_bytes > 0);
    return std::make_tuple(target, said, job->times().file_bytes);
  };
  CHECK(prepared(true) == prepared(false));
}

TEST("rows of a batch that is given up let go of what was read for them") {
  std::vector<std::unique_ptr<transform::ImageWorker>> workers;
  workers.push_back(
      std::make_unique<transform::ImageWorker>(*kernels::supported_tables().back(), std::nullopt));
  Count read;
  ReadAhead ahead(1, [&](const FileSample& file, const auto&) {
    ReadFile bytes = bytes_of(file, 100);
    read.add();
    return bytes;
  });
  core::ThreadPool pool(1);
  pool.stop();  // nothing is started any more
  std::vector<Sample> samples = files(5);
  const auto batch = ahead.add(samples);
  be_slow(*batch);
  read.wait_for(5);
  auto plan = std::make_shared<transform::Plan>();
  std::promise<void> finished;
  const auto job =
      std::make_shared<transform::BatchJob>(plan, std::move(samples), nullptr, workers,
                                            [&](transform::BatchJob&) { finished.set_value(); });
  job->take_from(batch);
  pool.submit(job);
  finished.get_future().wait();
  CHECK(ahead.bytes_ahead() == 0);
}

}  // namespace
