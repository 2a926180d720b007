#pragma once

#include <napi.h>

#include <cstddef>

namespace pixtok::addon {

// What is reported to V8 beside its own count. It adds up the bytes of every array buffer, and
// looks for garbage when there are many more than before. Array buffers that come and go are no
// reason to look: a new one is taken from the allowance, and one that is detached is added to it.
// When new ones have used it up, it is made up again, to twice as much each time: then it is time
// to look. It is never negative: V8 counts more than there is, never less, as newer ones end the
// process for that.
class MemoryAllowance {
 public:
  // The most that it is made up to; 0, by default, for engines that count otherwise.
  void set_most(std::size_t bytes) { most_ = bytes; }

  // When an array buffer has been made.
  void spend(Napi::Env env, std::size_t bytes);

  // Before an array buffer is detached: V8 would take less for the level that it grows from.
  void earn(Napi::Env env, std::size_t bytes);

  // When it has been detached.
  void trim(Napi::Env env);

 private:
  void report(Napi::Env env, std::size_t bytes);
  void unreport(Napi::Env env, std::size_t bytes);

  // It is for so many array buffers at first: one image is no reason to report a hundred.
  static constexpr std::size_t kBuffersAtFirst = 16;

  std::size_t most_ = 0;
  std::size_t made_up_to_ = 0;  // last time
  std::size_t bytes_ = 0;
};

}  // namespace pixtok::addon
