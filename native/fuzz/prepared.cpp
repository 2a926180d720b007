#include "fuzz/prepared.h"

#include <cstdlib>
#include <cstring>
#include <memory>

#include "core/aligned_buffer.h"
#include "fuzz/drawn_plan.h"
#include "fuzz/jpeg_in_use.h"
#include "fuzz/require.h"
#include "fuzz/webp_in_use.h"
#include "fuzz/zlib_in_use.h"

namespace pixtok::fuzz {

namespace {

using core::StatusCode;

// Without the room that the core's own buffers have behind them: a write past the end is seen.
struct Row {
  Row(std::size_t size, int fill) : bytes(size) {
    void* allocated = nullptr;
    REQUIRE(posix_memalign(&allocated, core::kAlignment, size) == 0);
    memory.reset(static_cast<std::uint8_t*>(allocated));
    std::memset(allocated, fill, size);
  }

  struct Free {
    void operator()(std::uint8_t* address) const { std::free(address); }
  };

  std::size_t bytes;
  std::unique_ptr<std::uint8_t[], Free> memory;
};

void require_known(StatusCode code) {
  REQUIRE(code == StatusCode::kOk || code == StatusCode::kDeclined ||
          code == StatusCode::kEmptyFile || code == StatusCode::kCorruptImage ||
          code == StatusCode::kTruncatedImage || code == StatusCode::kTooManyPixels ||
          code == StatusCode::kDoesNotFit);
}

}  // namespace

void require_same_row(const std::function<transform::Sample()>& sample, transform::Plan plan) {
  static const kernels::KernelTable& plain = *kernels::supported_tables().front();
  static const kernels::KernelTable& fast = *kernels::supported_tables().back();
  static transform::ImageWorker plain_worker(plain, transform::JpegChoice{jpeg_in_use()},
                                             zlib_in_use(), webp_in_use());
  static transform::ImageWorker fast_worker(fast, transform::JpegChoice{jpeg_in_use()},
                                            zlib_in_use(), webp_in_use());

  const Row first(plan.slot_bytes(), 0x00);
  const Row second(plan.slot_bytes(), 0xFF);
  transform::Sample same = sample();
  set_kernels(plan, plain);
  const core::Status status = plain_worker.prepare(same, plan, first.memory.get());
  require_known(status.code);
  REQUIRE(status.message.size() < 1000);
  same = sample();
  set_kernels(plan, fast);
  const core::Status again = fast_worker.prepare(same, plan, second.memory.get());
  REQUIRE(again.code == status.code);
  if (!status.ok()) return;
  REQUIRE(std::memcmp(first.memory.get(), second.memory.get(), first.bytes) == 0);
}

}  // namespace pixtok::fuzz
