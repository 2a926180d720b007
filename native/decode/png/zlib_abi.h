#pragma once

#include <cstdint>

// zlib's inflate as zlib.h declares it, which its versions 1.x have in common.
namespace pixtok::decode::zlib {

struct Stream {
  const std::uint8_t* next_in;
  unsigned int avail_in;
  unsigned long total_in;
  std::uint8_t* next_out;
  unsigned int avail_out;
  unsigned long total_out;
  const char* msg;
  void* state;
  void* (*zalloc)(void*, unsigned int, unsigned int);  // null: malloc
  void (*zfree)(void*, void*);
  void* opaque;
  int data_type;
  unsigned long adler;
  unsigned long reserved;
};

inline constexpr int kFinish = 4;

inline constexpr int kOk = 0;
inline constexpr int kStreamEnd = 1;
inline constexpr int kMemoryError = -4;

// The largest window, with zlib's header in front and its checksum behind.
inline constexpr int kWindowBits = 15;

using VersionFunction = const char* (*)();
// Fails where another major version, or another size of Stream, is asked for.
using InflateInit2Function = int (*)(Stream*, int window_bits, const char* version, int size);
using InflateFunction = int (*)(Stream*, int flush);
using InflateResetFunction = int (*)(Stream*);
using InflateEndFunction = int (*)(Stream*);
using Crc32Function = unsigned long (*)(unsigned long crc, const std::uint8_t*, unsigned int);

}  // namespace pixtok::decode::zlib
