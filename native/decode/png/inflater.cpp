#include "decode/png/inflater.h"

#include <limits>
#include <new>

namespace pixtok::decode {

Inflater::~Inflater() {
  if (started_) library_->inflate_end(&stream_);
}

bool Inflater::inflate(core::Bytes packed, std::uint8_t* target, std::size_t size) {
  return inflate_all(packed, target, size) && stream_.avail_out == 0;
}

bool Inflater::fits(core::Bytes packed, std::uint8_t* scratch, std::size_t size) {
  return inflate_all(packed, scratch, size);
}

bool Inflater::inflate_all(core::Bytes packed, std::uint8_t* target, std::size_t size) {
  constexpr auto kMost = std::numeric_limits<unsigned int>::max();
  if (packed.size > kMost || size > kMost) return false;
  const int begun = started_ ? library_->inflate_reset(&stream_)
                             : library_->inflate_init2(&stream_, zlib::kWindowBits,
                                                       library_->version(), sizeof stream_);
  if (begun == zlib::kMemoryError) throw std::bad_alloc();
  if (begun != zlib::kOk) return false;
  started_ = true;
  stream_.next_in = packed.data;
  stream_.avail_in = static_cast<unsigned int>(packed.size);
  stream_.next_out = target;
  stream_.avail_out = static_cast<unsigned int>(size);
  const int ended = library_->inflate(&stream_, zlib::kFinish);
  if (ended == zlib::kMemoryError) throw std::bad_alloc();
  return ended == zlib::kStreamEnd && stream_.avail_in == 0;
}

}  // namespace pixtok::decode
