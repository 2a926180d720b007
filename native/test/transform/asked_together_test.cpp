#include "transform/asked_together.h"

#include <cstdint>
#include <initializer_list>

#include "test/check.h"

namespace {

using pixtok::transform::AskedTogether;

constexpr std::int64_t kMillisecond = 1'000'000;

AskedTogether::Waits waits(std::initializer_list<std::int64_t> each) {
  AskedTogether::Waits waits;
  for (const std::int64_t waited : each) waits.add(waited);
  return waits;
}

TEST("images are asked for together as long as they come together") {
  AskedTogether asked;
  CHECK(asked.count() == AskedTogether::kMost);
  for (int turn = 0; turn < 3; ++turn) asked.note(waits({20 * kMillisecond, 10 * kMillisecond}));
  CHECK(asked.count() == AskedTogether::kMost);
}

TEST("fewer images are asked for together where each is waited for, down to two") {
  AskedTogether asked;
  asked.note(waits({20 * kMillisecond, 11 * kMillisecond}));
  CHECK(asked.count() == 8);
  for (int turn = 0; turn < 2; ++turn) asked.note(waits({20 * kMillisecond, 20 * kMillisecond}));
  CHECK(asked.count() == 2);
  // of one alone nobody would know whether more would come together
  asked.note(waits({20 * kMillisecond, 20 * kMillisecond}));
  CHECK(asked.count() == 2);
}

TEST("one more image is asked for when all came together again") {
  AskedTogether asked;
  for (int turn = 0; turn < 4; ++turn) asked.note(waits({20 * kMillisecond, 20 * kMillisecond}));
  asked.note(waits({20 * kMillisecond, kMillisecond}));
  CHECK(asked.count() == 3);
  for (int turn = 0; turn < 20; ++turn) asked.note(waits({20 * kMillisecond, 0}));
  CHECK(asked.count() == AskedTogether::kMost);
}

TEST("images that are waited for once came together, whichever of them it is") {
  AskedTogether asked;
  // the first ones are in the system's cache
  asked.note(waits({0, 0, 20 * kMillisecond, 0}));
  asked.note(waits({5 * kMillisecond, 20 * kMillisecond}));
  CHECK(asked.count() == AskedTogether::kMost);
  asked.note(waits({0, 20 * kMillisecond, 0, 20 * kMillisecond}));
  CHECK(asked.count() == 8);
}

}  // namespace
