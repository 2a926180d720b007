#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "core/bytes.h"
#include "decode/png/zlib_library.h"

namespace pixtok::decode {

// Inflates zlib streams, for one thread, in memory that is used again.
class Inflater {
 public:
  // Precondition: there is a library.
  explicit Inflater(std::shared_ptr<const ZlibLibrary> library) : library_(std::move(library)) {}
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  const ZlibLibrary& library() const { return *library_; }

  // Whether `packed` is one stream, whole and without anything behind it, of `size` bytes, which
  // are in `target` then. Otherwise that holds anything. Throws std::bad_alloc.
  bool inflate(core::Bytes packed, std::uint8_t* target, std::size_t size);

  // Whether a stream, whole and without anything behind it, has at most `size` bytes. `scratch` has
  // room for as many. Throws std::bad_alloc.
  bool fits(core::Bytes packed, std::uint8_t* scratch, std::size_t size);

 private:
  bool inflate_all(core::Bytes packed, std::uint8_t* target, std::size_t size);

  std::shared_ptr<const ZlibLibrary> library_;
  bool started_ = false;
  zlib::Stream stream_{};
};

}  // namespace pixtok::decode
