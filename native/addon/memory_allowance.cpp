#include "addon/memory_allowance.h"

#include <algorithm>
#include <cstdint>

namespace pixtok::addon {

void MemoryAllowance::spend(Napi::Env env, std::size_t bytes) {
  if (bytes_ < bytes) {
    made_up_to_ = std::min(most_, std::max(kBuffersAtFirst * bytes, 2 * made_up_to_));
    if (made_up_to_ > bytes_) report(env, made_up_to_ - bytes_);
  }
  unreport(env, std::min(bytes, bytes_));
}

void MemoryAllowance::earn(Napi::Env env, std::size_t bytes) {
  if (most_ > 0) report(env, bytes);
}

void MemoryAllowance::trim(Napi::Env env) {
  if (bytes_ > most_) unreport(env, bytes_ - most_);
}

void MemoryAllowance::report(Napi::Env env, std::size_t bytes) {
  if (bytes == 0) return;
  Napi::MemoryManagement::AdjustExternalMemory(env, static_cast<std::int64_t>(bytes));
  bytes_ += bytes;
}

void MemoryAllowance::unreport(Napi::Env env, std::size_t bytes) {
  if (bytes == 0) return;
  Napi::MemoryManagement::AdjustExternalMemory(env, -static_cast<std::int64_t>(bytes));
  bytes_ -= bytes;
}

}  // namespace pixtok::addon
