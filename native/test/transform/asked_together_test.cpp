#include "transform/asked_together.h"

#include <cstdint>

#include "test/check.h"

namespace {

using pixtok::transform::AskedTogether;

constexpr std::int64_t kMillisecond = 1'000'000;

TEST("images are asked for together as long as they come together") {
  AskedTogether asked;
  CHECK(asked.count() == AskedTogether::kMost);
  for (int turn = 0; turn < 3; ++turn) asked.note(20 * kMillisecond, 10 * kMillisecond);
  CHECK(asked.count() == AskedTogether::kMost);
}

TEST("fewer images are asked for together where each is waited for, down to two") {
  AskedTogether asked;
  asked.note(20 * kMillisecond, 11 * kMillisecond);
  CHECK(asked.count() == 8);
  for (int turn = 0; turn < 2; ++turn) asked.note(20 * kMillisecond, 20 * kMillisecond);
  CHECK(asked.count() == 2);
  // of one alone nobody would know whether more would come together
  asked.note(20 * kMillisecond, 20 * kMillisecond);
  CHECK(asked.count() == 2);
}

TEST("one more image is asked for when all came together again") {
  AskedTogether asked;
  for (int turn = 0; turn < 4; ++turn) asked.note(20 * kMillisecond, 20 * kMillisecond);
  asked.note(20 * kMillisecond, kMillisecond);
  CHECK(asked.count() == 3);
  for (int turn = 0; turn < 20; ++turn) asked.note(20 * kMillisecond, 0);
  CHECK(asked.count() == AskedTogether::kMost);
}

}  // namespace
