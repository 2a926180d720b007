// The disk's own rate, and files taken out of the page cache before an epoch that should find
// nothing there.
//
//   disk_benchmark --do evict FILE...
//   disk_benchmark --do read --seconds S FILE...
//
// "read" goes past the page cache, in large blocks, by 1, 2, 4 and 8 threads, S seconds each.
// Prints JSON. Linux only: other systems have no such calls, or others.

#include <cstdio>

#if defined(__linux__)

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "core/aligned_buffer.h"

namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kBlock = std::size_t{4} << 20;

[[noreturn]] void fail(const std::string& path) {
  throw std::runtime_error(path + ": " + std::strerror(errno));
}

class File {
 public:
  File(const std::string& path, int flags) : handle_(::open(path.c_str(), flags | O_CLOEXEC)) {
    struct stat facts{};
    if (handle_ < 0) fail(path);
    if (::fstat(handle_, &facts) != 0) {
      ::close(handle_);
      fail(path);
    }
    size_ = static_cast<std::size_t>(facts.st_size);
  }
  ~File() {
    if (handle_ >= 0) ::close(handle_);
  }
  File(File&& other) noexcept : handle_(other.handle_), size_(other.size_) { other.handle_ = -1; }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  int handle() const { return handle_; }
  std::size_t size() const { return size_; }

 private:
  int handle_;
  std::size_t size_ = 0;
};

std::size_t cached_pages(const File& file) {
  if (file.size() == 0) return 0;
  void* memory = ::mmap(nullptr, file.size(), PROT_READ, MAP_SHARED, file.handle(), 0);
  if (memory == MAP_FAILED) fail("mmap");
  std::vector<unsigned char> pages((file.size() + kPage - 1) / kPage);
  const int result = ::mincore(memory, file.size(), pages.data());
  ::munmap(memory, file.size());
  if (result != 0) fail("mincore");
  std::size_t cached = 0;
  for (const unsigned char page : pages) cached += page & 1U;
  return cached;
}

void evict(const std::vector<std::string>& paths) {
  std::size_t left = 0;
  for (const std::string& path : paths) {
    const File file(path, O_RDONLY);
    // what has not been written yet cannot be forgotten
    if (::fsync(file.handle()) != 0) fail(path);
    errno = ::posix_fadvise(file.handle(), 0, 0, POSIX_FADV_DONTNEED);
    if (errno != 0) fail(path);
    left += cached_pages(file);
  }
  std::printf("{\"cached_bytes\": %zu}\n", left * kPage);
}

struct Block {
  const File* file;
  std::size_t offset;
};

std::vector<Block> blocks_of(const std::vector<File>& files) {
  std::vector<Block> blocks;
  for (const File& file : files) {
    for (std::size_t offset = 0; offset < file.size(); offset += kBlock) {
      blocks.push_back({&file, offset});
    }
  }
  if (blocks.empty()) throw std::runtime_error("the files are empty");
  return blocks;
}

struct Report {
  std::size_t bytes;
  double seconds;
};

// From the first block on, and over again where there is time: nothing of it is cached.
Report read_blocks(const std::vector<Block>& blocks, int threads, double least) {
  using Clock = std::chrono::steady_clock;
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> bytes{0};
  std::atomic<bool> failed{false};
  const auto start = Clock::now();
  const auto end = start + std::chrono::duration<double>(least);
  const auto work = [&] {
    const auto memory = pixtok::core::allocate_aligned(kBlock + kPage);
    auto* aligned = reinterpret_cast<std::uint8_t*>(
        pixtok::core::round_up(reinterpret_cast<std::uintptr_t>(memory.get()), kPage));
    while (Clock::now() < end && !failed) {
      const Block& block = blocks[next++ % blocks.size()];
      const ssize_t count =
          ::pread(block.file->handle(), aligned, kBlock, static_cast<off_t>(block.offset));
      if (count <= 0) failed = true;
      if (count > 0) bytes += static_cast<std::size_t>(count);
    }
  };
  std::vector<std::thread> workers;
  for (int i = 0; i < threads; ++i) workers.emplace_back(work);
  for (std::thread& worker : workers) worker.join();
  if (failed) throw std::runtime_error("a block could not be read past the page cache");
  return {bytes.load(), std::chrono::duration<double>(Clock::now() - start).count()};
}

void read(const std::vector<std::string>& paths, double seconds) {
  std::vector<File> files;
  for (const std::string& path : paths) files.emplace_back(path, O_RDONLY | O_DIRECT);
  const std::vector<Block> blocks = blocks_of(files);
  const char* separator = "[";
  for (const int threads : {1, 2, 4, 8}) {
    const Report report = read_blocks(blocks, threads, seconds);
    std::printf("%s{\"threads\": %d, \"bytes\": %zu, \"seconds\": %.6f}", separator, threads,
                report.bytes, report.seconds);
    separator = ",\n";
  }
  std::printf("]\n");
}

void run(int count, char** arguments) {
  std::string what;
  double seconds = 1;
  std::vector<std::string> paths;
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    if (argument == "--do" && i + 1 < count) {
      what = arguments[++i];
    } else if (argument == "--seconds" && i + 1 < count) {
      seconds = std::atof(arguments[++i]);
    } else {
      paths.push_back(argument);
    }
  }
  if (what == "evict") return evict(paths);
  if (what == "read") return read(paths, seconds);
  throw std::runtime_error("--do is evict or read");
}

}  // namespace

int main(int count, char** arguments) {
  try {
    run(count, arguments);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "disk_benchmark: %s\n", error.what());
    return 1;
  }
}

#else

int main() {
  std::fprintf(stderr, "disk_benchmark: Linux only\n");
  return 1;
}

#endif
