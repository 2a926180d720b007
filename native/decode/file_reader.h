#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/aligned_buffer.h"
#include "core/page_pool.h"
#include "core/regular_file.h"
#include "core/status.h"

namespace pixtok::decode {

// The part of a file that is read: all of it from `offset` on where there is no length. Where there
// is a version, a file of another one is kSourceChanged.
struct FileRange {
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> length;
  std::optional<core::FileVersion> version = std::nullopt;
};

// All bytes of a file, or of a range in one; nothing where they are not to be had so.
struct ReadFile {
  core::PooledPages bytes;  // followed by kTailPadding readable bytes
  std::size_t size = 0;
};

// Files are read in one piece up to this size. What a longer one begins with says whether the rest
// is wanted.
inline constexpr std::size_t kFirstBytes = std::size_t{256} << 10;

// Nothing where the file cannot be read, is longer than `most`, or is longer than kFirstBytes and
// begins as no format that is decoded here. In pages of the pool. Throws std::bad_alloc.
ReadFile read_whole_file(const std::string& path, const FileRange& range, std::uint64_t most,
                         const std::shared_ptr<core::PagePool>& pool);

// Bytes of one file, or of a range in one, at a time, in memory that is used again.
class FileReader {
 public:
  // Opens a regular file and reads the first kSignatureBytes of the range. Fails where the range is
  // empty or does not lie within the file.
  core::Status open(const std::string& path, const FileRange& range);

  // The same of what was read before. Precondition: read.size > 0.
  void open(ReadFile read);

  // The signature, after open(); what read_first() has read, after it.
  const std::uint8_t* data() const { return bytes_; }
  std::size_t size() const { return size_; }

  // The range as far as it goes, and no more than so many bytes. Throws std::bad_alloc.
  core::Status read_first(std::uint64_t most);

  void close();

  void trim(std::size_t keep_at_most) { buffer_.trim(keep_at_most); }

 private:
  core::RegularFile file_;
  core::PooledPages whole_;  // where the file was read before
  std::uint64_t offset_ = 0;
  std::uint64_t length_ = 0;
  core::ScratchBuffer buffer_;
  const std::uint8_t* bytes_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace pixtok::decode
